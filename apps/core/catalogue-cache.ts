import { randomInt } from 'node:crypto'
import type { Redis } from './redis.ts'

/** Redis key of a number: cached answers that were made under another number are out of date. */
export const CATALOGUE_VERSION = 'ecomweb:products:version'

/**
 * Makes every cached answer about products out of date: whoever changes products or stock does so after the commit.
 * Rejects when Redis is away.
 */
export const outdateCatalogue = (redis: Redis): Promise<void> => outdate(redis, CATALOGUE_VERSION)

/**
 * Moves a version on. The step is random, so that no number comes back after Redis lost its data. Resolves when every
 * process that watches the version has been sent word: Redis does so in the turn in which it answers, and takes another
 * command in the next.
 */
export async function outdate(redis: Redis, version: string): Promise<void> {
  await redis.incrby(version, randomInt(1, 2 ** 31))
  await redis.ping()
}
