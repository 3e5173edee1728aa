import { type AnswerCache, answerCache } from '../api/answer-cache.ts'
import { type Database, openDatabase } from '../core/database.ts'
import type { Env } from '../core/env.ts'
import type { Log } from '../core/log.ts'
import { openRedis, type Redis } from '../core/redis.ts'

/** What the routes of the backend work with. */
export type ReportsParts = {
  log: Log
  /** Acts as 'service', so it sees the orders of everybody. */
  database: Database
  redis: Redis
  /** Computed reports; emptied after every change of what they are computed from. */
  cache: AnswerCache
  /** the public address of the shop */
  appUrl: string
  now: () => Date
}

/** Beside the pools of the API processes: one for reports, which come one after another, and one for the rest. */
const CONNECTIONS = 2
/** Years of orders take longer to count than anything that the shop asks; the API gives up after 30 s. */
export const STATEMENT_MS = 25_000

/** Puts the real parts together. Nothing here waits: connections come up by themselves. */
export function assemble(env: Env, log: Log): { parts: ReportsParts; closers: (() => unknown)[] } {
  const database = openDatabase({ ...env, DATABASE_POOL: CONNECTIONS }, log, 'service', STATEMENT_MS)
  const redis = openRedis(env, log)
  const parts = {
    ...{ log, database, redis },
    cache: reportCache(redis),
    appUrl: env.APP_URL,
    now: () => new Date(),
  }
  return { parts, closers: [() => database.$disconnect(), () => redis.disconnect()] }
}

/** `name`: what the keys in Redis begin with. */
export const reportCache = (redis: Redis, name = 'ecomweb:reports'): AnswerCache =>
  answerCache(redis, { version: `${name}:version`, prefix: `${name}:answer:` })
