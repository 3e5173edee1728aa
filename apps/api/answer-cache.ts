import { outdate } from '../core/catalogue-cache.ts'
import type { Redis } from '../core/redis.ts'
import type { Answer } from './products/answer.ts'

/** A cache of whole answers that can be emptied at once. It never fails: without Redis it is simply always empty. */
export type AnswerCache = {
  /** An answer that holds, if there is one that needs no look. */
  known?(key: string): Promise<Answer | undefined>
  /** The stored answer, and the function that stores one that is made now. */
  look(key: string): Promise<{ answer: Answer | undefined; store: (answer: Answer) => Promise<void> }>
  empty(): Promise<void>
}

/** Where a cache lies in Redis: the key of its version, and what the keys of its answers begin with. */
export type Place = { version: string; prefix: string }

const SECONDS = 300
const REST_MS = 1000

/**
 * An answer is kept with the version that was current before it was made, and counts only while that version is
 * current. Emptying is counting the version up: an answer that was made while stock changed is never served. Version
 * and answer come in one command, and each key holds one answer, however often the version changes.
 */
export function answerCache(redis: Redis, place: Place, now: () => number = Date.now): AnswerCache {
  let restUntil = 0
  let owed = false
  const empty = async () => {
    await outdate(redis, place.version).catch(() => {
      owed = true
    })
  }
  // Changes made while Redis was away could not empty it.
  redis.on('ready', empty)
  return {
    empty,
    async look(key) {
      if (now() < restUntil) return nothing
      try {
        if (owed) {
          await outdate(redis, place.version)
          owed = false
        }
        const name = `${place.prefix}${key}`
        const [current, kept] = await redis.mgetBuffer(place.version, name)
        if (!current) {
          // Redis lost its data: what is made now could not be told from what was made before.
          await empty()
          return nothing
        }
        const version = current.toString('latin1')
        return {
          answer: kept ? unpack(kept, version) : undefined,
          store: async (made) => {
            await redis.set(name, pack(made, version), 'EX', SECONDS).catch(() => {})
          },
        }
      } catch {
        // A Redis that hangs costs one request its time limit, not every request.
        restUntil = now() + REST_MS
        return nothing
      }
    },
  }
}

const nothing = { answer: undefined, store: async () => {} }

const NEWLINE = 10

/** A line with version and entity tag, then the body. */
const pack = ({ etag, body }: Answer, version: string): Buffer =>
  Buffer.concat([Buffer.from(`${version} ${etag}\n`, 'latin1'), body])

function unpack(kept: Buffer, version: string): Answer | undefined {
  const end = kept.indexOf(NEWLINE)
  const [madeUnder, etag] = kept.toString('latin1', 0, end).split(' ')
  return madeUnder === version && etag ? { etag, body: kept.subarray(end + 1) } : undefined
}
