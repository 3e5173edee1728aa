import { PrismaPg } from '@prisma/adapter-pg'
import {
  ColumnTypeEnum,
  type SqlDriverAdapter,
  type SqlMigrationAwareDriverAdapterFactory,
} from '@prisma/driver-adapter-utils'
import pg from 'pg'
import { quote, type Target, withDatabase } from './connection.ts'

/** PostgreSQL's numbers for its types "char", of which catalogue columns are made, and text. */
const CHAR = 18
const TEXT = 25

/**
 * One session and no more: the engine's advisory lock belongs to a session, so the statements that it guards
 * must run on the same one. An idle session stays open as long as the engine runs.
 */
async function open(target: Target): Promise<SqlDriverAdapter> {
  const pool = new pg.Pool({
    connectionString: target.connectionString,
    max: 1,
    idleTimeoutMillis: 0,
    connectionTimeoutMillis: 10_000,
    application_name: 'prisma schema engine',
  })
  const adapter = await new PrismaPg(pool, { schema: target.schema, disposeExternalPool: true }).connect()
  // The adapter's own version cuts a script at every semicolon, through function bodies too, and so loses the
  // transaction that PostgreSQL puts around a script sent whole. Its errors stay as they are, for errors.ts: the
  // adapter would reduce them to kinds, without PostgreSQL's message.
  adapter.executeScript = async (script) => {
    await pool.query(script)
  }
  teachChar(pool, adapter)
  return adapter
}

/** The adapter refuses columns of type "char". It is shown text instead, and the engine what it really was. */
function teachChar(pool: pg.Pool, adapter: SqlDriverAdapter): void {
  const charColumns = new WeakMap<object, number[]>()
  const query = pool.query.bind(pool) as (...all: unknown[]) => Promise<pg.QueryArrayResult>
  pool.query = (async (...all: unknown[]) => {
    const result = await query(...all)
    if (!result.fields || !result.rows) return result // the results of several statements
    const found = result.fields.flatMap(({ dataTypeID }, index) => (dataTypeID === CHAR ? [index] : []))
    for (const index of found) Object.assign(result.fields[index] ?? {}, { dataTypeID: TEXT })
    charColumns.set(result.rows, found)
    return result
  }) as typeof pool.query

  const queryRaw = adapter.queryRaw.bind(adapter)
  adapter.queryRaw = async (sql) => {
    const set = await queryRaw(sql)
    for (const index of charColumns.get(set.rows) ?? []) set.columnTypes[index] = ColumnTypeEnum.Character
    return set
  }
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
