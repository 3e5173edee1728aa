import { pino } from 'pino'
import { type Accounts, openAccounts } from '../../apps/api/accounts.ts'
import { makeAdmin } from '../../apps/api/admin/make-admin.ts'
import { bcryptPasswords } from '../../apps/api/auth/passwords.ts'
import { openRedis, type Redis } from '../../apps/core/redis.ts'
import { startApp } from '../unit/apps/api/app.fixture.ts'
import { type OwnDatabase, ownDatabase } from './database.ts'
import { redisUrl } from './redis.ts'

export const PASSWORD = 'a lamp, seven otters and rain'
const EXEMPT = 'the-token-of-integration-tests-alone'
const env = {
  APP_URL: 'http://localhost',
  JWT_SECRET: undefined,
  ACCESS_TOKEN_MINUTES: 15,
  REFRESH_TOKEN_DAYS: 30,
  RATE_LIMIT_EXEMPT_TOKEN: EXEMPT,
}
const log = pino({ level: 'silent' })
const passwords = bcryptPasswords(4)

export type Session = {
  token: string
  user: { id: string; email: string; role: string }
  refresh_token: string
}
type Answer = { status: number; retryAfter: string | null; body: Session & Record<string, unknown> }

/** The application with accounts that are real: on a database of its own and in Redis. */
export type Shop = {
  own: OwnDatabase
  redis: Redis
  /** `exempt: false`: with limits. */
  ask(method: string, path: string, body?: unknown, token?: string, exempt?: boolean): Promise<Answer>
  sign(how: 'register' | 'login', email: string, password?: string): Promise<Answer>
  refresh(token: string): Promise<Answer>
  /** An administrator, signed in. */
  anAdmin(): Promise<Session>
  /** The accounts as another process has them, and its Redis. */
  elsewhere(): Promise<{ accounts: Accounts; redis: Redis }>
  close(): Promise<void>
}

export async function openShop(): Promise<Shop> {
  const own = await ownDatabase()
  const opened: Redis[] = []
  async function elsewhere() {
    const redis = openRedis({ REDIS_URL: redisUrl(1) })
    opened.push(redis)
    await new Promise((resolve) => redis.once('ready', resolve))
    return { redis, accounts: openAccounts(env, { database: own.open(), redis, log, passwords }) }
  }
  const { redis, accounts } = await elsewhere()
  const app = await startApp({ accounts })

  const ask: Shop['ask'] = async (method, path, body, token, exempt = true) => {
    const response = await fetch(`${app.url}/api${path}`, {
      method,
      headers: {
        'content-type': 'application/json',
        'x-ecomweb-client': 'token',
        'x-request-id': 'of-this-test',
        ...(exempt ? { 'x-ecomweb-exempt': EXEMPT } : {}),
        ...(token ? { authorization: `Bearer ${token}` } : {}),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    })
    const text = await response.text()
    const parsed = JSON.parse(text || '{}') as Answer['body']
    return { status: response.status, retryAfter: response.headers.get('retry-after'), body: parsed }
  }
  const sign: Shop['sign'] = (how, email, password = PASSWORD) =>
    ask('POST', `/auth/${how}`, { email, password })
  return {
    ...{ own, redis, ask, sign, elsewhere },
    refresh: (token) => ask('POST', '/auth/refresh', { refresh_token: token }),
    async anAdmin() {
      const passwordHash = await passwords.hash(PASSWORD)
      await makeAdmin(own.open(), { email: 'admin@example.com', passwordHash })
      return (await sign('login', 'admin@example.com')).body
    },
    async close() {
      await app.close()
      for (const connection of opened) connection.disconnect()
      await own.drop()
    },
  }
}
