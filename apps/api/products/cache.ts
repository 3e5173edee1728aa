import type { Redis } from '../../core/redis.ts'

/** A cache of whole answers that can be emptied at once. It never fails: without Redis it is simply always empty. */
export type AnswerCache = {
  /** The stored answer, and the function that stores one that is made now. */
  look(key: string): Promise<{ answer: string | undefined; store: (answer: string) => Promise<void> }>
  empty(): Promise<void>
}

const VERSION = 'ecomweb:products:version'
const SECONDS = 300
const REST_MS = 1000

/**
 * Answers live under the version that was current before they were made. Emptying is counting the version up, so an
 * answer that was made while stock changed is stored where nobody looks any more.
 */
export function productCache(redis: Redis): AnswerCache {
  const empty = async () => {
    await redis.incr(VERSION).catch(() => {})
  }
  let restUntil = 0
  // Changes made while Redis was away could not empty it.
  redis.on('ready', empty)
  return {
    empty,
    async look(key) {
      if (Date.now() < restUntil) return nothing
      try {
        const place = `ecomweb:products:${(await redis.get(VERSION)) ?? 0}:${key}`
        const answer = (await redis.get(place)) ?? undefined
        return {
          answer,
          store: async (made) => {
            await redis.set(place, made, 'EX', SECONDS).catch(() => {})
          },
        }
      } catch {
        // A Redis that hangs costs one request its time limit, not every request.
        restUntil = Date.now() + REST_MS
        return nothing
      }
    },
  }
}

const nothing = { answer: undefined, store: async () => {} }
