import { createHash } from 'node:crypto'
import type { Redis } from '../../core/redis.ts'
import { type Limit, type Limiter, redisLimiter } from '../limits/limiter.ts'

/**
 * The limits of signing in. `pair`: failures for one account from one address, which is somebody who guesses or
 * forgot; nobody else is kept out by it. `account`: failures in a row from everywhere. SP 800-63B-4 (3.2.2) allows 100
 * and then locks for good; here the lock ends with the hour, since whoever commands many addresses could otherwise
 * keep an owner out for ever. A login that lasts is not touched. `address`: all attempts, also those that succeed.
 * `register`: accounts made from one address.
 */
export const LOGIN_LIMITS = {
  pair: { name: 'login-pair', points: 10, seconds: 900 },
  account: { name: 'login-account', points: 90, seconds: 3600 },
  address: { name: 'login-address', points: 100, seconds: 900 },
  register: { name: 'register', points: 20, seconds: 3600 },
} as const satisfies Record<string, Limit>

export type LoginThrottle = {
  /** Counts an attempt before the password is looked at, so that many at once count too. Errors: 429. */
  attempt(email: string, address: string): Promise<void>
  /** Takes back what failures counted. */
  succeeded(email: string, address: string): void
  /** Errors: 429. */
  register(address: string): Promise<void>
}

/** @param make how a limit is counted; in Redis, unless a test says otherwise */
export function loginThrottle(make: (limit: Limit) => Limiter): LoginThrottle {
  const [pair, account] = [make(LOGIN_LIMITS.pair), make(LOGIN_LIMITS.account)]
  const [address, register] = [make(LOGIN_LIMITS.address), make(LOGIN_LIMITS.register)]
  return {
    async attempt(email, from) {
      const key = hash(email)
      // Sent together: one round trip. The pair's answer goes first, as it says most.
      const [...outcomes] = await Promise.allSettled([
        pair.take(`${key}:${from}`),
        account.take(key),
        address.take(from),
      ])
      for (const outcome of outcomes) if (outcome.status === 'rejected') throw outcome.reason
    },
    succeeded(email, from) {
      const key = hash(email)
      pair.forget(`${key}:${from}`)
      account.forget(key)
    },
    register: (from) => register.take(from),
  }
}

export const redisThrottle = (redis: Redis): LoginThrottle =>
  loginThrottle((limit) => redisLimiter(redis, limit))

/** Keys are no place for addresses of people. */
const hash = (email: string): string => createHash('sha256').update(email).digest('base64url').slice(0, 22)
