import pg from 'pg'
import { containersOf } from '../docker/containers.ts'
import { KitError } from '../errors.ts'
import type { AppliedMigration, Disk, Ledger } from '../ports.ts'
import type { Runner } from '../run.ts'
import { parseStackFiles } from '../settings/stack-env.ts'
import { reachable } from '../status/database.ts'

const UNDEFINED_TABLE = '42P01'

const ROWS = `SELECT migration_name AS name, checksum, finished_at IS NOT NULL AS finished,
                     rolled_back_at IS NOT NULL AS "rolledBack"
                FROM _prisma_migrations ORDER BY started_at`

/**
 * The ledger in PostgreSQL: Prisma's own table, empty before the first migration. `address` answers the URL at which
 * this host reaches the database (`reachable` in status/database.ts); it is asked every time, since a container has
 * another address after it was made again. Errors: no answer within ten seconds.
 */
export const databaseLedger = (address: () => Promise<string>): Ledger => ({
  async migrations() {
    const connectionString = await address()
    const client = new pg.Client({ connectionString, connectionTimeoutMillis: 10_000, query_timeout: 10_000 })
    client.on('error', () => {}) // a lost connection fails the query too, and says so there
    try {
      await client.connect()
      return (await client.query<AppliedMigration>(ROWS)).rows
    } catch (error) {
      if ((error as { code?: string }).code === UNDEFINED_TABLE) return []
      throw new KitError('the database cannot be asked for its migrations', {
        why: `${new URL(connectionString).host}: ${(error as Error).message || String((error as { code?: string }).code)}`,
        next: './ecomweb status',
        cause: error,
      })
    } finally {
      await client.end().catch(() => {})
    }
  },
})

/** The ledger of the stack in a folder, by the address of its .env.api. Errors: DATABASE_URL is missing there. */
export const stackLedger = (disk: Pick<Disk, 'read'>, runner: Runner): Ledger =>
  databaseLedger(async () => {
    const { env, app } = parseStackFiles((await disk.read('.env')) ?? '', (await disk.read('.env.api')) ?? '')
    if (app.DATABASE_URL) return reachable(app.DATABASE_URL, await containersOf(runner, env.ECOMWEB_NAME))
    throw new KitError('DATABASE_URL is not set in .env.api', { next: 'set it as in .env.api.example' })
  })
