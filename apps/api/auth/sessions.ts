import { createHash, createHmac, randomBytes } from 'node:crypto'
import type { Redis } from '../../core/redis.ts'
import { HttpError } from '../errors.ts'
import { BEGIN, LOOK, ROTATE } from './session-scripts.ts'

/** A login that a refresh token stands for. `stamp`: of the password that it began with. */
export type SessionOwner = { userId: string; stamp: string }

/**
 * Logins, each a family of refresh tokens of which the newest counts. A token is opaque, and Redis knows only its hash.
 * Errors of all but `begin`: 503 while Redis is away.
 */
export type Sessions = {
  /** Begins a login. Undefined while Redis is away: signing in goes on to work, for as long as the access token does. */
  begin(owner: SessionOwner): Promise<string | undefined>
  /** Whose token this is; nothing is changed. Undefined when the login is over. */
  look(token: string): Promise<SessionOwner | undefined>
  /** Replaces a token by its successor. An old one is `reused`: it was stolen, or its thief came first; so the login ends. */
  rotate(token: string): Promise<{ token: string } | 'reused' | 'unknown'>
  end(token: string): Promise<void>
  /** Ends every login of a user that began before this. */
  endAll(userId: string): Promise<void>
}

/**
 * For how long a token that was just replaced gives the same successor again, in ms. Two tabs may send it at the same
 * moment, and an answer may be lost. Longer than a request may take (APP_LONGEST_REQUEST_MS).
 */
export const GRACE_MS = 30_000

const familyKey = (family: string): string => `session:${family}`
const ENDED = 'session-ended:'

/** Logins in Redis; they end `days` after their last use. */
export function redisSessions(redis: Redis, days: number, now: () => number = Date.now): Sessions {
  const lifeMs = days * 86_400_000
  const reach = async <T>(asked: Promise<T>): Promise<T> => {
    try {
      return await asked
    } catch {
      throw new HttpError(503, 'sessions are not reachable at the moment: try again', 2)
    }
  }
  return {
    async begin({ userId, stamp }) {
      const [family, secret] = [randomBytes(16).toString('base64url'), randomBytes(32).toString('base64url')]
      const args = [userId, stamp, hash(secret), now(), lifeMs]
      try {
        await redis.eval(BEGIN, 1, familyKey(family), ...args)
        return `${family}.${secret}`
      } catch {
        return undefined
      }
    },
    async look(token) {
      const { family } = parse(token)
      if (!family) return undefined
      const found = (await reach(redis.eval(LOOK, 1, familyKey(family), ENDED))) as [string, string] | null
      return found ? { userId: found[0], stamp: found[1] } : undefined
    },
    async rotate(token) {
      const { family, secret } = parse(token)
      if (!family || !secret) return 'unknown'
      const nonce = randomBytes(16).toString('base64url')
      const args = [hash(secret), hash(successor(secret, nonce)), nonce, now(), GRACE_MS, lifeMs]
      const [outcome, used] = (await reach(redis.eval(ROTATE, 1, familyKey(family), ...args))) as [
        'rotated' | 'reused' | 'unknown',
        string?,
      ]
      if (outcome !== 'rotated' || !used) return outcome === 'reused' ? 'reused' : 'unknown'
      return { token: `${family}.${successor(secret, used)}` }
    },
    async end(token) {
      const { family } = parse(token)
      if (family) await reach(redis.del(familyKey(family)))
    },
    async endAll(userId) {
      await reach(redis.set(`${ENDED}${userId}`, now(), 'PX', lifeMs))
    },
  }
}

const hash = (secret: string): string => createHash('sha256').update(secret).digest('base64url')

/**
 * The token that follows. It can be told again to whoever holds the one before, without being kept anywhere: it takes
 * that token, which Redis does not know, and a random nonce, which only Redis knows.
 */
const successor = (secret: string, nonce: string): string =>
  createHmac('sha256', secret).update(nonce).digest('base64url')

function parse(token: string): { family?: string | undefined; secret?: string | undefined } {
  const [, family, secret] = /^([\w-]{22})\.([\w-]{43})$/.exec(token) ?? []
  return { family, secret }
}
