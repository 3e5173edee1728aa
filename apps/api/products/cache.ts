import { CATALOGUE_VERSION } from '../../core/catalogue-cache.ts'
import type { Redis } from '../../core/redis.ts'
import type { KeyWatch } from '../../core/redis-watch.ts'
import { type AnswerCache, answerCache } from '../answer-cache.ts'
import { rememberAnswers } from '../answer-memory.ts'

export type { AnswerCache }

/**
 * The answers of the catalogue; whoever changes products or stock makes them out of date: outdateCatalogue. With `watch`,
 * of CATALOGUE_VERSION, this process remembers them too.
 */
export function productCache(redis: Redis, now?: () => number, watch?: KeyWatch): AnswerCache {
  const cache = answerCache(redis, { version: CATALOGUE_VERSION, prefix: 'ecomweb:catalogue:' }, now)
  return watch ? rememberAnswers(cache, watch, now) : cache
}
