import { CATALOGUE_VERSION } from '../../core/catalogue-cache.ts'
import type { Redis } from '../../core/redis.ts'
import { type AnswerCache, answerCache } from '../answer-cache.ts'

export type { AnswerCache }

/** The answers of the catalogue; whoever changes products or stock makes them out of date: outdateCatalogue. */
export const productCache = (redis: Redis, now?: () => number): AnswerCache =>
  answerCache(redis, { version: CATALOGUE_VERSION, prefix: 'ecomweb:catalogue:' }, now)
