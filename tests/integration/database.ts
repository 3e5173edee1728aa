import { randomBytes } from 'node:crypto'
import pg from 'pg'
import { inject } from 'vitest'
import { type Actor, type Database, openDatabase } from '../../apps/core/database.ts'
import { urlOf } from './services.setup.ts'

/** A database of a test file's own, filled as a new shop is. */
export type OwnDatabase = {
  name: string
  /** As the application's restricted role. */
  url: string
  /** Opens a pool of the application's role; closed by `drop`. */
  open(actor?: Actor, connections?: number): Database
  /** Runs SQL as the superuser, whom row security does not bind. */
  sql<Row extends pg.QueryResultRow>(text: string, values?: unknown[]): Promise<Row[]>
  drop(): Promise<void>
}

/** Copies the migrated database under a new name: `beforeAll(async () => { own = await ownDatabase() })`. */
export async function ownDatabase(): Promise<OwnDatabase> {
  const services = inject('services')
  const name = `test_${randomBytes(6).toString('hex')}`
  const admin = urlOf(services, 'postgres', 'postgres')
  // One at a time: PostgreSQL refuses to copy a database that somebody else copies.
  await once(admin, 'SELECT pg_advisory_lock(1)', `CREATE DATABASE ${name} TEMPLATE ecomweb`)
  const url = urlOf(services, 'ecomweb_app', name)
  const superuser = new pg.Pool({ connectionString: urlOf(services, 'postgres', name), max: 2 })
  // `end` does not wait for the sockets: dropping the database may still cut one off.
  superuser.on('error', () => {})
  const opened: Database[] = []
  return {
    name,
    url,
    open(actor, connections = 5) {
      const database = openDatabase({ DATABASE_URL: url, DATABASE_POOL: connections }, undefined, actor)
      opened.push(database)
      return database
    },
    sql: async <Row extends pg.QueryResultRow>(text: string, values?: unknown[]) =>
      (await superuser.query<Row>(text, values)).rows,
    async drop() {
      await Promise.all(opened.map((database) => database.$disconnect()))
      await superuser.end()
      await once(admin, `DROP DATABASE ${name} WITH (FORCE)`)
    },
  }
}

async function once(url: string, ...statements: string[]): Promise<void> {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  try {
    for (const statement of statements) await client.query(statement)
  } finally {
    await client.end()
  }
}
