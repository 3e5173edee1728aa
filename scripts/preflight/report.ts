import type { Finding, Outcome } from './check.ts'

/** One line a check; what is wrong, why it matters and what mends it below. */
export const formatOutcomes = (outcomes: readonly Outcome[]): string => outcomes.map(formatOutcome).join('\n')

function formatOutcome({ title, seen, skipped, findings }: Outcome): string {
  const stops = findings.some(({ level }) => level === 'stop')
  const mark = stops ? '✗' : findings.length > 0 ? '!' : skipped ? '-' : '✓'
  const line = `  ${mark} ${title.padEnd(TITLE_WIDTH)} ${findings[0]?.what ?? seen}`.trimEnd()
  const [first, ...others] = findings.map(details)
  if (!first) return line
  return [line, first, ...others.map((text, index) => `      ${findings[index + 1]?.what}\n${text}`)].join(
    '\n',
  )
}

/** A finding on lines of its own, for the preflight of a deploy. */
export const formatFinding = (finding: Finding): string =>
  `  ${finding.level === 'stop' ? '✗' : '!'} ${finding.what}\n${details(finding)}`

const TITLE_WIDTH = 48

const details = ({ why, next }: Finding): string =>
  [
    `      why:  ${why.replaceAll('\n', '\n            ')}`,
    `      next: ${next.replaceAll('\n', '\n            ')}`,
  ].join('\n')
