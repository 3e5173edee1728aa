import type { Database } from '../core/database.ts'
import type { Env } from '../core/env.ts'
import type { Log } from '../core/log.ts'
import type { Redis } from '../core/redis.ts'
import type { AdminParts } from './admin/routes.ts'
import { userAdministration } from './admin/users.ts'
import { listAudit } from './audit.ts'
import { accountRepository } from './auth/accounts.ts'
import { type RefreshCookie, refreshCookie } from './auth/cookie.ts'
import { fixedKeys, signingKeys, storedKeys } from './auth/keys.ts'
import { bcryptPasswords, type Passwords } from './auth/passwords.ts'
import type { AccessTokens } from './auth/principal.ts'
import { type AuthService, authService } from './auth/service.ts'
import { redisSessions } from './auth/sessions.ts'
import { redisThrottle } from './auth/throttle.ts'
import { accessTokens } from './auth/tokens.ts'
import { type Exempt, exemptions } from './limits/client.ts'
import { type Limiter, redisLimiter } from './limits/limiter.ts'
import { WRITES } from './limits/writes.ts'

/** Who may do what, and how often. */
export type Accounts = {
  service: AuthService
  tokens: AccessTokens
  cookie: RefreshCookie
  admin: AdminParts
  exempt: Exempt
  limits: { orders: Limiter; uploads: Limiter }
}

type Settings = Pick<
  Env,
  'APP_URL' | 'JWT_SECRET' | 'ACCESS_TOKEN_MINUTES' | 'REFRESH_TOKEN_DAYS' | 'RATE_LIMIT_EXEMPT_TOKEN'
>

/** Puts the real parts together. `passwords` is given by tests, which have no time for the real cost. */
export function openAccounts(
  env: Settings,
  { database, redis, log, passwords = bcryptPasswords() }: AccountsOver,
): Accounts {
  const keys = env.JWT_SECRET ? fixedKeys(env.JWT_SECRET) : storedKeys(signingKeys(database))
  const tokens = accessTokens(keys, { issuer: env.APP_URL, minutes: env.ACCESS_TOKEN_MINUTES })
  const days = env.REFRESH_TOKEN_DAYS
  const sessions = redisSessions(redis, days)
  const accounts = accountRepository(database)
  const throttle = redisThrottle(redis)
  // A disabled user cannot refresh in any case; only what happens when they are enabled again depends on this.
  const endLogins = (id: string) =>
    sessions.endAll(id).catch((error) => log.warn({ err: error, userId: id }, 'logins could not be ended'))
  return {
    service: authService({ accounts, passwords, tokens, sessions, throttle, log }),
    tokens,
    cookie: refreshCookie({ days, secure: env.APP_URL.startsWith('https:') }),
    admin: {
      users: userAdministration(database, endLogins),
      audit: (skip, take) => listAudit(database, skip, take),
    },
    exempt: exemptions(env.RATE_LIMIT_EXEMPT_TOKEN),
    limits: { orders: redisLimiter(redis, WRITES.orders), uploads: redisLimiter(redis, WRITES.uploads) },
  }
}

type AccountsOver = { database: Database; redis: Redis; log: Log; passwords?: Passwords }
