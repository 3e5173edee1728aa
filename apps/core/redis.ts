import { Redis, type RedisOptions } from 'ioredis'
import type { Env } from './env.ts'
import type { Log } from './log.ts'

export type { Redis }

/**
 * Connects in the background and keeps trying. But for logins, Redis only makes things faster here, so a lost one must
 * never hold up a request: commands are refused at once while there is no connection and given up after 250 ms.
 */
export function openRedis(env: Pick<Env, 'REDIS_URL'>, log?: Log, options?: RedisOptions): Redis {
  const redis = new Redis(env.REDIS_URL, {
    enableOfflineQueue: false,
    commandTimeout: 250,
    connectTimeout: 2000,
    // a connection whose other end has silently gone is made anew
    socketTimeout: 5000,
    maxRetriesPerRequest: 0,
    retryStrategy: (attempt) => Math.min(attempt * 100, 1000),
    ...options,
  })
  let lost = false
  redis.on('error', (error) => {
    if (!lost) log?.warn({ err: error }, 'Redis is away: going on without it')
    lost = true
  })
  redis.on('ready', () => {
    if (lost) log?.info('Redis is back')
    lost = false
  })
  return redis
}

/** A connection for watchKey. Word of changes is passed on by ioredis only in the older protocol, as a message. */
export const openListener = (env: Pick<Env, 'REDIS_URL'>): Redis =>
  openRedis(env, undefined, { protocol: 2, autoResubscribe: false })
