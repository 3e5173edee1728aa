import { createHash } from 'node:crypto'
import { ZodError } from 'zod'
import type { Log } from '../../core/log.ts'
import { HttpError } from '../errors.ts'
import type { Account, AccountRepository } from './accounts.ts'
import { type Passwords, passwordProblem } from './passwords.ts'
import type { Credentials, UserView } from './schemas.ts'
import type { Sessions } from './sessions.ts'
import type { LoginThrottle } from './throttle.ts'
import type { AccessToken, TokenIssuer } from './tokens.ts'

/** What whoever signs in is given; without `refresh` when sessions are not reachable. */
export type SignedIn = AccessToken & { user: UserView; refresh: string | undefined }

export type AuthService = {
  /** `from`: the address to count under; undefined for whoever is exempt. Errors: 400, 409, 429. */
  register(given: Credentials, from: string | undefined): Promise<SignedIn>
  /** Errors: 401 alike for an unknown e-mail, a wrong password and a disabled account; 429. */
  login(given: Credentials, from: string | undefined): Promise<SignedIn>
  /** Errors: 401 when the login is over, 503 while sessions are not reachable. */
  refresh(token: string): Promise<SignedIn>
  /** Errors: 503 while sessions are not reachable, since the login then goes on. */
  logout(token: string): Promise<void>
  /** Errors: 401 when the account is gone or disabled. */
  me(id: string): Promise<UserView>
}

export type AuthParts = {
  accounts: AccountRepository
  passwords: Passwords
  tokens: TokenIssuer
  sessions: Sessions
  throttle: LoginThrottle
  log: Log
}

/** Words that stand for this shop in passwords. */
export const SHOP_WORDS = ['ecomweb', 'ecomweb shop', 'shop']

export function authService({
  accounts,
  passwords,
  tokens,
  sessions,
  throttle,
  log,
}: AuthParts): AuthService {
  async function signIn(account: Account): Promise<SignedIn> {
    const [access, refresh] = await Promise.all([
      tokens.issue(account),
      sessions.begin({ userId: account.id, stamp: stampOf(account) }),
    ])
    return { ...access, user: toView(account), refresh }
  }

  return {
    async register({ email, password }, from) {
      const message = passwordProblem(password, [email, ...SHOP_WORDS])
      if (message) throw new ZodError([{ code: 'custom', path: ['password'], message, input: undefined }])
      if (from !== undefined) await throttle.register(from)
      const account = await accounts.create(email, await passwords.hash(password))
      if (!account) throw new HttpError(409, 'there is an account with this e-mail: sign in instead')
      return signIn(account)
    },
    async login({ email, password }, from) {
      if (from !== undefined) await throttle.attempt(email, from)
      const account = await accounts.byEmail(email)
      const same = await passwords.matches(password, account?.passwordHash)
      if (!account || !same || account.disabledAt) throw new HttpError(401, 'e-mail or password is wrong')
      if (from !== undefined) throttle.succeeded(email, from)
      return signIn(account)
    },
    async refresh(token) {
      const owner = await sessions.look(token)
      // Before the token is replaced, so that a database that is away costs nobody their login.
      const account = owner && (await accounts.byId(owner.userId))
      if (!owner || !account) throw over()
      if (account.disabledAt || stampOf(account) !== owner.stamp) {
        await sessions.end(token)
        throw over()
      }
      const rotated = await sessions.rotate(token)
      if (rotated === 'reused') {
        log.warn({ userId: account.id }, 'a refresh token was used again: its login is ended')
      }
      if (typeof rotated === 'string') throw over()
      return { ...(await tokens.issue(account)), user: toView(account), refresh: rotated.token }
    },
    logout: (token) => sessions.end(token),
    async me(id) {
      const account = await accounts.byId(id)
      if (!account || account.disabledAt) throw new HttpError(401, 'this account cannot be used any more')
      return toView(account)
    },
  }
}

const over = (): HttpError => new HttpError(401, 'this login is over: sign in again')

const toView = ({ id, email, role }: Account): UserView => ({ id, email, role })

/** Stands for the password that a login began with: a new password ends the logins of the one before. */
const stampOf = ({ passwordHash }: Account): string =>
  createHash('sha256')
    .update(passwordHash ?? '')
    .digest('base64url')
    .slice(0, 16)
