import type { Client } from 'pg'
import type { MigrationState } from './migrations.ts'

type Session = Pick<Client, 'query'>

/** Ends the wait for the schema: what happened, PostgreSQL's own words, and what to type. */
export class MigrationError extends Error {
  override name = 'MigrationError'
}

/** One line per migration that finished after the given moment, with how long it took. */
export async function describeApplied(session: Session, names: readonly string[]): Promise<string[]> {
  const { rows } = await session.query(
    `SELECT migration_name AS name, round(extract(epoch FROM finished_at - started_at) * 1000) AS ms
       FROM _prisma_migrations
      WHERE migration_name = ANY($1) AND finished_at IS NOT NULL AND rolled_back_at IS NULL
      ORDER BY started_at`,
    [names],
  )
  return rows.map((row) => `applied ${row.name} in ${row.ms} ms`)
}

/**
 * Explains why the schema could not be brought up to date. A migration that failed stays in Prisma's table and
 * blocks every later one until somebody has looked at it, so this names it and the commands that clear it.
 */
export async function explainFailure(
  session: Session,
  output: string,
  resolveCommand: (name: string) => string,
): Promise<MigrationError> {
  const failed = await failedMigration(session)
  if (!failed) return new MigrationError(`prisma migrate deploy failed:\n${indent(condense(output))}`)
  const said = postgresMessage(failed.logs) || postgresMessage(output) || condense(failed.logs ?? output)
  const lines = [
    said
      ? `migration ${failed.name} failed: ${said}`
      : `migration ${failed.name} was begun and never finished`,
    ...(await invalidIndexes(session)).map(
      (index) => `The index ${index} is INVALID. Drop it first: DROP INDEX CONCURRENTLY ${index};`,
    ),
    'Correct its SQL, make sure that nothing of it remains in the database, and then type:',
    `  ${resolveCommand(failed.name)}`,
  ]
  return new MigrationError(lines.join('\n'))
}

/** What to say when nothing of the failed migration is left, in the schema or in Prisma's table. */
export function explainUndone(name: string, output: string, attempts = 1): MigrationError {
  const times = attempts > 1 ? `, ${attempts} times` : ''
  const next = ['55P03', '40P01'].includes(sqlState(output) ?? '')
    ? [
        'Another session holds a lock on what it changes. See which, end it or wait for it, and deploy again:',
        "  SELECT pid, usename, state, query FROM pg_stat_activity WHERE xact_start < now() - interval '5 seconds';",
      ]
    : ['Correct its SQL and deploy again.']
  return new MigrationError(
    [
      `migration ${name} failed${times}: ${postgresMessage(output) || condense(output)}`,
      'All of it is undone, so nothing is left to clean up.',
      ...next,
    ].join('\n'),
  )
}

/** A migration that was changed after it had been applied: the database is not what this image was tested on. */
export function explainEdited(state: MigrationState): MigrationError {
  const names = state.edited.join(', ')
  return new MigrationError(
    `applied with another content than this image's: ${names}. Restore the file${state.edited.length > 1 ? 's' : ''} ` +
      'and put the change into a new migration.',
  )
}

/** PostgreSQL's message and SQLSTATE, out of the report that Prisma makes of them. */
export function postgresMessage(report: string | null): string {
  const text = report ?? ''
  const message = /Database error:\s*\n(?:ERROR:\s*)?(.+)/.exec(text)?.[1] ?? /ERROR:\s*(.+)/.exec(text)?.[1]
  const code = /Database error code:\s*(\S+)/.exec(text)?.[1]
  if (!message) return ''
  return code && !message.includes(code) ? `${message.trim()} (SQLSTATE ${code})` : message.trim()
}

/** The SQLSTATE that Prisma reports: PostgreSQL answered. */
export const sqlState = (report: string): string | undefined =>
  /Database error code:\s*([0-9A-Z]{5})\s/.exec(report)?.[1]

/** Whether PostgreSQL refused it, other than by ending the connection. */
export function wasRefused(report: string): boolean {
  const code = sqlState(report)
  return code !== undefined && !/^(08|57P)/.test(code)
}

/** The newest migration that was begun and is neither finished nor rolled back. */
export async function failedMigration(
  session: Session,
): Promise<{ name: string; logs: string | null } | undefined> {
  const { rows: tables } = await session.query(`SELECT to_regclass('_prisma_migrations') AS found`)
  if (!tables[0].found) return undefined
  const { rows } = await session.query(
    `SELECT migration_name AS name, logs FROM _prisma_migrations
      WHERE finished_at IS NULL AND rolled_back_at IS NULL ORDER BY started_at DESC LIMIT 1`,
  )
  return rows[0]
}

async function invalidIndexes(session: Session): Promise<string[]> {
  const { rows } = await session.query(
    `SELECT indexrelid::regclass::text AS name FROM pg_index WHERE NOT indisvalid AND indislive`,
  )
  return rows.map((row) => row.name)
}

function condense(output: string): string {
  return output
    .split('\n')
    .map((line) => line.trim())
    .filter(Boolean)
    .join('\n')
}

function indent(text: string): string {
  return text.replace(/^/gm, '  ')
}
