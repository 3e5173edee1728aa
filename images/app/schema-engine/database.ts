import pg from 'pg'
import { parseTarget, quote, type Target, withDatabase } from './connection.ts'
import { connectionErrorCode, messageOf } from './errors.ts'

/** `schema-engine cli …`: says whether the database can be reached, creates it, or drops it. */
export async function runDatabaseAction(action: string, url: string, log: Log): Promise<number> {
  log('INFO', { message: `Starting schema engine: ${action}` })
  try {
    const target = parseTarget(url)
    if (action === 'can-connect-to-database') await execute(target)
    else if (action === 'create-database')
      await execute(maintenance(target), `CREATE DATABASE ${quote(target.database)}`)
    else if (action === 'drop-database')
      await execute(maintenance(target), `DROP DATABASE ${quote(target.database)}`)
    else throw new Error(`Unknown command: ${action}`)
    return 0
  } catch (error) {
    const code = connectionErrorCode((error as { code?: string }).code)
    log('ERROR', { is_panic: false, error_code: code, message: messageOf(error) })
    return 1
  }
}

/** Writes one line of log in the engine's form. */
export type Log = (level: 'INFO' | 'ERROR', fields: Record<string, unknown>) => void

/** A database can be created only from another one: `postgres` exists on every server. */
function maintenance(target: Target): Target {
  return withDatabase(target, 'postgres')
}

/**
 * Replaces what the engine wrote into Prisma's table about a migration that failed: it could only write the number
 * of the error. Best effort, since the database may be what failed.
 */
export async function recordFailure(target: Target, migration: string, report: string): Promise<void> {
  const sql = `UPDATE _prisma_migrations SET logs = $2
                WHERE migration_name = $1 AND finished_at IS NULL AND rolled_back_at IS NULL`
  await execute(target, sql, [migration, report]).catch(() => undefined)
}

async function execute(target: Target, sql?: string, values?: string[]): Promise<void> {
  const client = new pg.Client({ connectionString: target.connectionString, connectionTimeoutMillis: 10_000 })
  try {
    await client.connect()
    if (sql) await client.query(sql, values)
  } finally {
    await client.end().catch(() => undefined)
  }
}
