import { RULES } from './rules/all.ts'
import { parseStatements, type Statement, SyntaxFault } from './statements.ts'
import { noteCreated, targets } from './targets.ts'
import type { Finding, Hit, PendingMigration, Rule, Scope } from './types.ts'
import { readWaivers } from './waivers.ts'

/**
 * What pending migrations do to a stack that serves while they run, by PostgreSQL's own grammar. They are given in
 * the order in which they are applied; `history` is what was applied before, and only proves things (a validated
 * CHECK in front of SET NOT NULL). Tables that the batch itself makes are nobody's yet and exempt. In a contract
 * file what breaks the old colour is allowed, since none is left; what locks is not.
 */
export async function lintMigrations(
  pending: readonly PendingMigration[],
  { history = [] }: { history?: readonly Pick<PendingMigration, 'sql'>[] } = {},
): Promise<Finding[]> {
  const made = new Set<string>()
  const earlier: Statement[] = []
  // What could not be parsed was not applied by this database either, and proves nothing.
  for (const { sql } of history) earlier.push(...(await parseStatements(sql).catch(() => [])))
  const findings: Finding[] = []
  for (const migration of pending) {
    try {
      const file = await parseStatements(migration.sql)
      for (const statement of file) {
        const scope: Scope = { isNew: (name) => made.has(name), file, earlier }
        findings.push(...judge(migration, statement, scope))
        noteCreated(statement, made)
        earlier.push(statement)
      }
    } catch (error) {
      if (!(error instanceof SyntaxFault)) throw error
      findings.push(syntaxFinding(migration, error))
    }
  }
  return findings
}

function judge(migration: PendingMigration, statement: Statement, scope: Scope): Finding[] {
  const about = { migration: migration.name, line: statement.line, statement: shorten(statement.text) }
  const { allowed, faults } = readWaivers(statement, statement === scope.file[0])
  const touched = targets(statement)
  const exempt = touched.length > 0 && touched.every(scope.isNew)
  const applying = RULES.filter(({ name, newToo }) => !allowed.has(name) && (newToo || !exempt))
  return [
    ...faults.map((message) => ({
      ...about,
      rule: 'waiver',
      severity: 'review' as const,
      message,
      safe: WAIVER_FORM,
    })),
    ...applying.flatMap((rule) =>
      rule
        .find(statement, scope)
        .flatMap((hit) => weigh(rule, hit, migration.contract))
        .map((found) => ({ ...about, rule: rule.name, ...found })),
    ),
  ]
}

const WAIVER_FORM = '-- ecomweb: allow RULE REASON'

/** Without an old colour only the lock of what would have broken it is left. */
function weigh(
  rule: Rule,
  { message, safe, lock }: Hit,
  contract: boolean,
): Pick<Finding, 'severity' | 'message' | 'safe'>[] {
  if (!contract || !rule.oldColour) return [{ severity: rule.severity, message, safe }]
  return lock ? [{ severity: 'locks', message: lock, safe }] : []
}

const syntaxFinding = ({ name, sql }: PendingMigration, fault: SyntaxFault): Finding => ({
  migration: name,
  line: fault.line,
  statement: shorten(sql.split('\n')[fault.line - 1] ?? ''),
  rule: 'syntax-error',
  severity: 'breaks',
  message: `${fault.message}, at column ${fault.column}: PostgreSQL refuses the whole file`,
  safe: 'correct the SQL',
})

const shorten = (text: string): string => {
  const line = text.replace(/--.*$/gm, ' ').replace(/\s+/g, ' ').trim()
  return line.length > 100 ? `${line.slice(0, 99)}…` : line
}
