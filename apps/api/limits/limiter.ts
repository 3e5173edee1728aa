import { RateLimiterMemory, RateLimiterRedis, RateLimiterRes } from 'rate-limiter-flexible'
import type { Redis } from '../../core/redis.ts'
import { HttpError } from '../errors.ts'

/** `points` within `seconds`, counted from the first. `name` tells the counters of different limits apart. */
export type Limit = { name: string; points: number; seconds: number }

export type Limiter = {
  /** Counts one. Errors: 429, with the seconds to wait, when that is more than the limit. */
  take(key: string): Promise<void>
  /** Begins again from nothing; best effort. */
  forget(key: string): void
}

/**
 * Counts in Redis, for all processes and both colours, in one round trip; whoever is over a limit costs none. While
 * Redis is away each process counts for itself: looser than the limit, but not without one.
 */
export function redisLimiter(redis: Redis, limit: Limit): Limiter {
  return limiterOver(
    new RateLimiterRedis({
      storeClient: redis,
      ...options(limit),
      rejectIfRedisNotReady: true,
      inMemoryBlockOnConsumed: limit.points + 1,
      insuranceLimiter: new RateLimiterMemory(options(limit)),
    }),
  )
}

/** Counts in this process alone. */
export const memoryLimiter = (limit: Limit): Limiter => limiterOver(new RateLimiterMemory(options(limit)))

const options = ({ name, points, seconds }: Limit) => ({
  keyPrefix: `limit:${name}`,
  points,
  duration: seconds,
})

function limiterOver(limiter: RateLimiterMemory | RateLimiterRedis): Limiter {
  return {
    async take(key) {
      try {
        await limiter.consume(key)
      } catch (error) {
        if (!(error instanceof RateLimiterRes)) throw error
        const seconds = Math.max(1, Math.ceil(error.msBeforeNext / 1000))
        throw new HttpError(429, `too many requests: try again in ${seconds} s`, seconds)
      }
    },
    forget: (key) => void limiter.delete(key).catch(() => {}),
  }
}
