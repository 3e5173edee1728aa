import { shortId } from '../docker/application-image.ts'
import { KitError } from '../errors.ts'
import type { Blocked } from './contract.ts'
import type { Finding, Severity } from './lint/types.ts'
import type { Comparison } from './pending.ts'

const SEVERITIES: Severity[] = ['breaks', 'locks', 'review']

/** Whether something must not run before a colour that still serves. */
export const breaks = (findings: readonly Finding[]): boolean =>
  findings.some(({ severity }) => severity === 'breaks')

/** `2 break the colour still serving, 1 locks`, or that there is nothing. */
export function summarise(findings: readonly Finding[]): string {
  const counts = SEVERITIES.map((severity) => [
    findings.filter((one) => one.severity === severity).length,
    severity,
  ])
  const parts = counts.filter(([count]) => count !== 0).map(([count, severity]) => `${count} ${severity}`)
  return parts.length > 0 ? parts.join(', ') : 'nothing found'
}

/** Every finding in four lines: where, the statement, what happens, what to do instead. */
export const formatFindings = (findings: readonly Finding[]): string =>
  findings
    .map(({ migration, line, statement, rule, severity, message, safe }) =>
      [
        `  ${migration}:${line}  ${severity}  ${rule}`,
        `      ${statement}`,
        `      why:  ${message}`,
        `      safe: ${safe}`,
      ].join('\n'),
    )
    .join('\n')

/** The whole state of a release's migrations, one line for each that is not simply applied. */
export function formatComparison(label: string, found: Comparison): string {
  const lines = (title: string, names: readonly string[]) =>
    names.map((name) => `  ${title.padEnd(17)} ${name}`)
  return [
    `${label}: ${found.applied.length} applied`,
    ...lines('failed', found.failed),
    ...lines('edited', found.edited),
    ...lines(
      'pending',
      found.pending.map(({ name }) => name),
    ),
    ...lines(
      'contract pending',
      found.contract.map(({ name }) => name),
    ),
    ...lines('of another image', found.foreign),
  ].join('\n')
}

/** The one command that the state asks for; undefined when nothing is to be done. */
export function nextCommand({ failed, edited, pending, contract }: Comparison): string | undefined {
  const [name] = failed
  if (name) return `mend what ${name} left, then ./ecomweb migrate resolve ${name} --rolled-back`
  if (edited.length > 0)
    return 'restore the edited file, put the change into a new migration, and build the image again'
  if (pending.length > 0) return './ecomweb migrate lint, then ./ecomweb migrate deploy'
  return contract.length > 0 ? './ecomweb migrate contract --dry-run' : undefined
}

export const formatBlocked = (blocked: readonly Blocked[]): string =>
  blocked
    .map(({ label, image, missing }) => `${label} (${shortId(image)}) does not carry ${missing.join(', ')}`)
    .join('\n')

/** Errors: one of the findings breaks what serves, and nobody has allowed it. */
export function refuseBreaking(findings: readonly Finding[]): void {
  if (!breaks(findings)) return
  throw new KitError('these migrations break what serves while they run', {
    why: summarise(findings),
    next: 'follow the safe path, or put `-- ecomweb: allow RULE REASON` before the statement; then build again',
  })
}
