import type { Command, Result } from '../run.ts'

/** Asks the registry for known weaknesses of what runs in production; once, since nobody should wait for a dead one. */
export const auditCommand: Command = {
  file: 'npm',
  args: ['audit', '--omit=dev', '--audit-level=high', '--json', '--fetch-retries=0'],
}

export type Weakness = { package: string; severity: string; title: string; mend: string }

/** `unavailable`: nobody could be asked, which says nothing about the dependencies. */
export type Audit =
  | { state: 'clean'; below: number }
  | { state: 'found'; weaknesses: Weakness[] }
  | { state: 'unavailable'; why: string }

type Entry = { severity?: string; via?: unknown[]; fixAvailable?: unknown }
type Report = {
  metadata?: { vulnerabilities?: Record<string, number> }
  vulnerabilities?: Record<string, Entry>
}

const SERIOUS = new Set(['high', 'critical'])

/**
 * What `npm audit --json` answered. Its exit code tells weaknesses and failures not apart, so only a whole report
 * counts: a registry may be out of reach, or offer no audit.
 */
export function readAudit({ code, stdout, stderr }: Result): Audit {
  const report = parse(stdout)
  const counts = report?.metadata?.vulnerabilities
  if (!report?.vulnerabilities || !counts) return { state: 'unavailable', why: whyNot(code, stdout, stderr) }
  const weaknesses = Object.entries(report.vulnerabilities)
    .filter(([, { severity }]) => SERIOUS.has(severity ?? ''))
    .map(([name, entry]) => weakness(name, entry))
  const below = Object.entries(counts)
    .filter(([severity]) => !SERIOUS.has(severity) && severity !== 'total')
    .reduce((sum, [, count]) => sum + count, 0)
  return weaknesses.length > 0 ? { state: 'found', weaknesses } : { state: 'clean', below }
}

function weakness(name: string, { severity = 'unknown', via = [], fixAvailable }: Entry): Weakness {
  const titles = via.map((reason) =>
    typeof reason === 'string' ? `through ${reason}` : String((reason as { title?: unknown }).title ?? ''),
  )
  return {
    package: name,
    severity,
    title: [...new Set(titles)].filter(Boolean).join('; '),
    mend: fixAvailable ? 'a mended version exists: npm audit fix' : 'no mended version yet',
  }
}

function whyNot(code: number, stdout: string, stderr: string): string {
  if (code === 127) return 'npm is not installed'
  const answer = parse(stdout) as
    | { message?: string; error?: { code?: string; summary?: string } }
    | undefined
  const said = answer?.error?.summary || answer?.message || answer?.error?.code || stderr
  const line = said.split('\n').find((text) => text.trim() !== '') ?? 'npm audit gave no report'
  // Where the registry is says nothing to the reader and may hold credentials.
  return line.replace(/\s*(?:-\s*(?:GET|POST)\s+)?https?:\/\/\S+/g, '').trim()
}

function parse(text: string): Report | undefined {
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === 'object' && value !== null ? value : undefined
  } catch {
    return undefined
  }
}
