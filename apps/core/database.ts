import { PrismaPg } from '@prisma/adapter-pg'
import { type Prisma, PrismaClient } from '../../prisma/generated/client.ts'
import type { Env } from './env.ts'
import type { Log } from './log.ts'

export type Database = PrismaClient
/** What runs inside `database.$transaction(async (transaction) => …)`. */
export type Transaction = Prisma.TransactionClient

/**
 * Who a transaction acts for; row security in PostgreSQL shows it what that one may see (migration isolate_orders).
 * `order:ID` is a guest who knows the id of an order, `key:KEY` one who orders under an Idempotency-Key.
 */
export type Actor = 'service' | 'admin' | 'nobody' | `user:${string}` | `order:${string}` | `key:${string}`

/**
 * Opens the pool; its connections act for `actor` unless a transaction says otherwise. Connects at the first query. Every wait has an end, on the client too, since a database that
 * was paused or cut off sends no answer at all: a request then fails in seconds instead of hanging.
 */
export function openDatabase(
  env: Pick<Env, 'DATABASE_URL' | 'DATABASE_POOL'>,
  log?: Log,
  actor: Actor = 'nobody',
  longestStatementMs = 5000,
): Database {
  const pool = {
    connectionString: env.DATABASE_URL,
    options: `-c app.actor=${actor}`,
    max: env.DATABASE_POOL,
    connectionTimeoutMillis: 3000,
    idleTimeoutMillis: 30_000,
    statement_timeout: longestStatementMs,
    query_timeout: longestStatementMs + 1000,
    // A process that hangs inside a transaction holds locks that every order waits for.
    idle_in_transaction_session_timeout: 10_000,
    keepAlive: true,
  }
  const lost = (error: Error) => log?.warn({ err: error }, 'a connection to PostgreSQL was lost')
  const adapter = new PrismaPg(pool, { onPoolError: lost, onConnectionError: lost })
  return new PrismaClient({ adapter, transactionOptions: { maxWait: 3000, timeout: 10_000 } })
}

/** Runs a transaction that acts for `actor`: of orders and what belongs to them it sees only what that one may see. */
export function asActor<T>(
  database: Database,
  actor: Actor,
  work: (transaction: Transaction) => Promise<T>,
): Promise<T> {
  return database.$transaction(async (transaction) => {
    await transaction.$executeRaw`SELECT set_config('app.actor', ${actor}, true)`
    return work(transaction)
  })
}
