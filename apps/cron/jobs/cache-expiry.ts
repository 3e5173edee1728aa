import { once } from 'node:events'
import { CATALOGUE_VERSION } from '../../core/catalogue-cache.ts'
import type { Log } from '../../core/log.ts'
import type { Redis } from '../../core/redis.ts'
import type { PlainJob } from '../job.ts'

/** Keys of cached answers; what holds logins or counts is none of them. */
const CACHES = ['ecomweb:catalogue:', 'ecomweb:reports:']
const CATALOGUE = 'ecomweb:catalogue:'
const LONGEST_SECONDS = 3600
const PAGE = 200

/**
 * Every ten minutes: empties the caches of what nobody will read again. Redis gives up only keys with an expiry when its
 * memory is full (volatile-lru), so a cached answer that has none would stay for ever.
 */
export function cacheExpiry(redis: Redis, log: Pick<Log, 'info'>): PlainJob {
  return {
    name: 'cache-expiry',
    schedule: '*/10 * * * *',
    catchUp: { policy: 'skip' },
    interrupted: 'report',
    run: async (_slot, { signal }) =>
      log.info(await expireCaches(redis, signal), 'looked through the caches'),
  }
}

/** Deletes answers of an older catalogue and bounds those without an expiry; answers how many of each. */
export async function expireCaches(
  redis: Redis,
  signal: AbortSignal,
): Promise<{ outdated: number; bounded: number }> {
  if (redis.status !== 'ready') await once(redis, 'ready', { signal })
  const found = { outdated: 0, bounded: 0 }
  const version = await redis.get(CATALOGUE_VERSION)
  for (const prefix of CACHES) {
    for (let cursor = '0'; ; ) {
      signal.throwIfAborted()
      const [next, keys] = await redis.scan(cursor, 'MATCH', `${prefix}*`, 'COUNT', PAGE)
      for (const key of keys) {
        if (prefix === CATALOGUE && (await madeUnder(redis, key)) !== version) {
          found.outdated += await redis.unlink(key)
        } else if ((await redis.ttl(key)) === -1) {
          found.bounded += await redis.expire(key, LONGEST_SECONDS, 'NX')
        }
      }
      cursor = next
      if (cursor === '0') break
    }
  }
  return found
}

/** The version of the catalogue that an answer begins with (apps/api/products/cache.ts). */
async function madeUnder(redis: Redis, key: string): Promise<string | undefined> {
  return /^(\d+) /.exec(await redis.getrange(key, 0, 31))?.[1]
}
