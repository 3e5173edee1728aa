import { PrismaPg } from '@prisma/adapter-pg'
import { type Prisma, PrismaClient } from '../../prisma/generated/client.ts'
import type { Env } from './env.ts'
import type { Log } from './log.ts'

export type Database = PrismaClient
/** What runs inside `database.$transaction(async (transaction) => …)`. */
export type Transaction = Prisma.TransactionClient

/**
 * Opens the pool; connects at the first query. Every wait has an end, on the client too, since a database that
 * was paused or cut off sends no answer at all: a request then fails in seconds instead of hanging.
 */
export function openDatabase(env: Pick<Env, 'DATABASE_URL' | 'DATABASE_POOL'>, log?: Log): Database {
  const pool = {
    connectionString: env.DATABASE_URL,
    max: env.DATABASE_POOL,
    connectionTimeoutMillis: 3000,
    idleTimeoutMillis: 30_000,
    statement_timeout: 5000,
    query_timeout: 6000,
    keepAlive: true,
  }
  const lost = (error: Error) => log?.warn({ err: error }, 'a connection to PostgreSQL was lost')
  const adapter = new PrismaPg(pool, { onPoolError: lost, onConnectionError: lost })
  return new PrismaClient({ adapter, transactionOptions: { maxWait: 3000, timeout: 10_000 } })
}
