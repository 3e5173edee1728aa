import { randomUUID } from 'node:crypto'
import { pino } from 'pino'
import type { Accounts } from '../../../../apps/api/accounts.ts'
import type { Account, AccountRepository } from '../../../../apps/api/auth/accounts.ts'
import { refreshCookie } from '../../../../apps/api/auth/cookie.ts'
import { fixedKeys } from '../../../../apps/api/auth/keys.ts'
import { bcryptPasswords, type Passwords } from '../../../../apps/api/auth/passwords.ts'
import { authService } from '../../../../apps/api/auth/service.ts'
import type { SessionOwner, Sessions } from '../../../../apps/api/auth/sessions.ts'
import { LOGIN_LIMITS, loginThrottle } from '../../../../apps/api/auth/throttle.ts'
import { accessTokens } from '../../../../apps/api/auth/tokens.ts'
import { HttpError } from '../../../../apps/api/errors.ts'
import { exemptions } from '../../../../apps/api/limits/client.ts'
import { memoryLimiter } from '../../../../apps/api/limits/limiter.ts'
import { WRITES } from '../../../../apps/api/limits/writes.ts'

export const EXEMPT = 'the-token-of-a-load-test-in-unit-tests'
export const PASSWORD = 'a lamp, seven otters and rain'

export class FakeAccounts implements AccountRepository {
  all: Account[] = []

  async create(email: string, passwordHash: string): Promise<Account | null> {
    if (await this.byEmail(email)) return null
    const account: Account = { id: randomUUID(), email, passwordHash, role: 'user', disabledAt: null }
    this.all.push(account)
    return account
  }

  async byEmail(email: string): Promise<Account | null> {
    return this.all.find((account) => account.email === email) ?? null
  }

  async byId(id: string): Promise<Account | null> {
    return this.all.find((account) => account.id === id) ?? null
  }
}

/** Logins in memory; `away` is Redis not being there. */
export class FakeSessions implements Sessions {
  away = false
  #owners = new Map<string, SessionOwner>()
  #used = new Set<string>()

  async begin(owner: SessionOwner): Promise<string | undefined> {
    if (this.away) return undefined
    const token = randomUUID()
    this.#owners.set(token, owner)
    return token
  }

  async look(token: string): Promise<SessionOwner | undefined> {
    this.#reach()
    return this.#owners.get(token)
  }

  async rotate(token: string): Promise<{ token: string } | 'reused' | 'unknown'> {
    this.#reach()
    const owner = this.#owners.get(token)
    if (!owner) return 'unknown'
    if (this.#used.has(token)) return 'reused'
    this.#used.add(token)
    return { token: (await this.begin(owner)) as string }
  }

  async end(token: string): Promise<void> {
    this.#reach()
    this.#owners.delete(token)
  }

  async endAll(): Promise<void> {}

  #reach(): void {
    if (this.away) throw new HttpError(503, 'away', 2)
  }
}

/** Counts how often passwords are compared and with what. */
export function countingPasswords(): Passwords & { compared: (string | null | undefined)[] } {
  const real = bcryptPasswords(4)
  const compared: (string | null | undefined)[] = []
  return {
    compared,
    hash: real.hash,
    matches(password, hash) {
      compared.push(hash)
      return real.matches(password, hash)
    },
  }
}

/** Accounts with everything outside the process replaced, and what replaces it. */
export function fakeAccounts({ issuer = 'https://shop.example.com', log = pino({ level: 'silent' }) } = {}) {
  const repository = new FakeAccounts()
  const sessions = new FakeSessions()
  const passwords = countingPasswords()
  const tokens = accessTokens(fixedKeys(['a secret of unit tests, 32 characters']), { issuer, minutes: 15 })
  const accounts: Accounts = {
    service: authService({
      accounts: repository,
      passwords,
      tokens,
      sessions,
      throttle: loginThrottle(memoryLimiter),
      log,
    }),
    tokens,
    cookie: refreshCookie({ days: 30, secure: issuer.startsWith('https:') }),
    admin: {
      users: { list: async () => ({ users: [], total: 0 }), change: async () => null },
      audit: async () => ({ entries: [], total: 0 }),
    },
    exempt: exemptions(EXEMPT),
    limits: { orders: memoryLimiter(WRITES.orders), uploads: memoryLimiter(WRITES.uploads) },
  }
  return { accounts, repository, sessions, passwords, tokens, limits: LOGIN_LIMITS }
}
