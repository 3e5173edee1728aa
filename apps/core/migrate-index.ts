import type { Client } from 'pg'

type Session = Pick<Client, 'query'>

/** An index as its script names it, quotes included. */
export type NamedIndex = { name: string; table: string }

const NAME = String.raw`"(?:[^"]|"")+"|[\w$]+`

const CREATE = new RegExp(
  String.raw`^create\s+(?:unique\s+)?index\s+concurrently\s+(?:if\s+not\s+exists\s+)?(${NAME})\s+on\s+(?:only\s+)?((?:(?:${NAME})\.)?(?:${NAME}))`,
  'i',
)

/** The one statement of a script without comments; undefined when there is, or may be, more than one. */
function soleStatement(script: string): string | undefined {
  const text = script.replace(/--.*$/gm, '').replace(/\/\*[\s\S]*?\*\//g, '')
  const statement = text.trim().replace(/;$/, '').trim()
  return statement === '' || statement.includes(';') ? undefined : statement
}

/**
 * Whether a script is one statement that works beside everybody else's. It may wait long for transactions to end
 * and nobody waits behind it, so the time limit for locks, which protects others, only does harm there.
 */
export const worksBeside = (script: string): boolean =>
  /^(create|drop|reindex|alter)\b[\s\S]*\bconcurrently\b/i.test(soleStatement(script) ?? '')

/** The index that a script makes with CREATE INDEX CONCURRENTLY, when that is all it does and the index has a name. */
export function soleConcurrentIndex(script: string): NamedIndex | undefined {
  const [, name, table] = CREATE.exec(soleStatement(script) ?? '') ?? []
  return name && table ? { name, table } : undefined
}

/** How PostgreSQL shows the index and whether queries use it; undefined when there is none of that name. */
export async function findIndex(
  session: Session,
  { name, table }: NamedIndex,
): Promise<{ shown: string; valid: boolean } | undefined> {
  const { rows } = await session.query(
    `SELECT i.indexrelid::regclass::text AS shown, i.indisvalid AS valid
       FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid
      WHERE i.indrelid = to_regclass($1) AND c.relname = $2`,
    [table, unquoted(name)],
  )
  return rows[0]
}

/**
 * Drops what a failed CREATE INDEX CONCURRENTLY left behind: an INVALID index, which no query uses and every write
 * pays for. A valid one of that name is somebody else's and stays. Answers whether one was dropped.
 */
export async function dropInvalidIndex(session: Session, index: NamedIndex): Promise<boolean> {
  const found = await findIndex(session, index)
  if (!found || found.valid) return false
  await session.query('SET lock_timeout = 0')
  await session.query(`DROP INDEX CONCURRENTLY ${found.shown}`)
  await session.query('RESET lock_timeout')
  return true
}

/** What the index that is being built now waits for; undefined when none is. */
export async function describeBuild(session: Session): Promise<string | undefined> {
  const { rows } = await session.query(
    `SELECT phase, lockers_total - lockers_done AS lockers, current_locker_pid AS pid, blocks_done AS done,
            blocks_total AS total
       FROM pg_stat_progress_create_index LIMIT 1`,
  )
  const [build] = rows
  if (!build) return undefined
  const waits =
    Number(build.lockers) > 0 ? `, ${build.lockers} transactions to end (process ${build.pid})` : ''
  const read = Number(build.total) > 0 ? `, ${Math.floor((100 * build.done) / build.total)} % read` : ''
  return `building the index: ${build.phase}${waits}${read}`
}

const unquoted = (name: string): string =>
  name.startsWith('"') ? name.slice(1, -1).replaceAll('""', '"') : name.toLowerCase()
