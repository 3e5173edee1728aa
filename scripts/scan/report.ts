import type { Audit } from './audit.ts'
import type { SecretReport } from './secrets.ts'

/** What was found, for people: each leak with what to do about it. */
export function formatSecrets({ leaks, leftOut }: SecretReport): string {
  const lines = leaks.map(({ place, path, line, title, shown, commit }) => {
    const where = commit ? `${place}, since commit ${commit}` : place
    return `  ✗ ${path}:${line}  ${title}  ${shown}  (${where})`
  })
  const advice = [
    '      next: replace the secret where it is used; then take it out of here',
    '            if it is none, add it to scripts/scan/allowed.ts with the reason',
  ]
  return [
    ...(leaks.length > 0 ? [...lines, ...advice] : ['  ✓ no secrets']),
    ...leftOut.map((text) => `  - not looked at: ${text}`),
  ].join('\n')
}

/** The audit, for people. */
export function formatAudit(audit: Audit): string {
  if (audit.state === 'unavailable') return `  - dependencies not audited: not available (${audit.why})`
  if (audit.state === 'clean') {
    const below = audit.below > 0 ? `; ${audit.below} of lower severity: npm audit --omit=dev` : ''
    return `  ✓ no known weakness of high or critical severity in production dependencies${below}`
  }
  return audit.weaknesses
    .map(
      ({ package: name, severity, title, mend }) => `  ✗ ${name}: ${severity}: ${title}\n      next: ${mend}`,
    )
    .join('\n')
}
