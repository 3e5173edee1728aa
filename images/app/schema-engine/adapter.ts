import { PrismaPg } from '@prisma/adapter-pg'
import type { SqlDriverAdapter, SqlMigrationAwareDriverAdapterFactory } from '@prisma/driver-adapter-utils'
import pg from 'pg'
import { quote, type Target, withDatabase } from './connection.ts'

const CHAR = 18
const TEXT = 25

/** Introspection reads catalogue columns of type "char", which the adapter has no name for: they are text. */
class CataloguePool extends pg.Pool {
  override async query(...args: any[]): Promise<any> {
    return presentCharAsText(await (super.query as (...all: unknown[]) => unknown).apply(this, args))
  }
}

function presentCharAsText<T>(result: T): T {
  for (const one of Array.isArray(result) ? result : [result])
    for (const field of (one as pg.QueryResult | undefined)?.fields ?? [])
      if (field.dataTypeID === CHAR) field.dataTypeID = TEXT
  return result
}

/**
 * One session and no more: the engine's advisory lock belongs to a session, so the statements that it guards
 * must run on the same one. An idle session stays open as long as the engine runs.
 */
function singleSession(target: Target): pg.Pool {
  return new CataloguePool({
    connectionString: target.connectionString,
    max: 1,
    idleTimeoutMillis: 0,
    connectionTimeoutMillis: 10_000,
    application_name: 'prisma schema engine',
  })
}

async function open(target: Target): Promise<SqlDriverAdapter> {
  const pool = singleSession(target)
  const adapter = await new PrismaPg(pool, { schema: target.schema, disposeExternalPool: true }).connect()
  // The adapter's own version cuts a script at every semicolon, through function bodies too, and so loses the
  // transaction that PostgreSQL puts around a script sent whole. Its errors stay as they are, for errors.ts: the
  // adapter would reduce them to kinds, without PostgreSQL's message.
  adapter.executeScript = async (script) => {
    await pool.query(script)
  }
  return adapter
}

/** Connections for the schema engine: the database itself, and throw-away shadow databases beside it. */
export function createAdapterFactory(target: Target): SqlMigrationAwareDriverAdapterFactory {
  return {
    provider: 'postgres',
    adapterName: '@prisma/adapter-pg',
    connect: () => open(target),
    connectToShadowDb: () => openShadow(target),
  }
}

async function openShadow(target: Target): Promise<SqlDriverAdapter> {
  const name = `prisma_migrate_shadow_db_${crypto.randomUUID()}`
  const main = await open(target)
  try {
    await main.executeScript(`CREATE DATABASE ${quote(name)}`)
  } catch (error) {
    await main.dispose()
    throw error
  }
  const shadow = await open(withDatabase(target, name))
  const close = shadow.dispose.bind(shadow)
  shadow.dispose = async () => {
    await close()
    await main.executeScript(`DROP DATABASE ${quote(name)}`)
    await main.dispose()
  }
  return shadow
}
