import { createHash, randomBytes } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pino } from 'pino'
import { openAccounts } from '../../../apps/api/accounts.ts'
import { buildApp } from '../../../apps/api/app.ts'
import { assemble } from '../../../apps/api/assemble.ts'
import { bcryptPasswords } from '../../../apps/api/auth/passwords.ts'
import { acceptWebSockets } from '../../../apps/api/events/upgrade.ts'
import { openFeed } from '../../../apps/api/feed/open.ts'
import { readEnv } from '../../../apps/core/env.ts'
import { openRedis } from '../../../apps/core/redis.ts'
import { FakeRefresh } from '../../unit/apps/api/feed/refresh.fixture.ts'
import { orders, write } from '../../unit/apps/core/feed/cache.fixture.ts'
import { ownDatabase } from '../database.ts'
import { redisUrl } from '../redis.ts'
import { type Person, settle } from './settle.ts'

export type Actor = 'guest' | 'user' | 'admin'

/** A shop in which something has happened already, and what of it a request can name. */
export type World = {
  url: string
  /** What each actor sends, beside what lifts the limits for all of them. */
  headers: Record<Actor, Record<string, string>>
  user: Person
  products: number[]
  /** Products that nobody misses. */
  doomed: number[]
  orders: string[]
  completed: string[]
  keys: string[]
  users: string[]
  uploads: string[]
  imports: string[]
  etags: string[]
  refreshTokens: string[]
  logouts: string[]
  /** What only its owner and administrators may ever read. */
  secret: { orders: string[]; texts: string[] }
  close(): Promise<void>
}

const EXEMPT = 'the-token-of-the-property-tests-alone'
const FEED_KEY = 'the-key-of-the-property-tests'
const REDIS_NUMBER = 6

/**
 * Starts the application as a process of it does, on a free port, over the real PostgreSQL and Redis and without any
 * Temporal. Only passwords are cheaper: a run has no time for their real cost.
 */
export async function openWorld(): Promise<World> {
  const own = await ownDatabase()
  const folder = await mkdtemp(join(tmpdir(), 'properties-'))
  const env = readEnv({
    DATABASE_URL: own.url,
    REDIS_URL: redisUrl(REDIS_NUMBER),
    TEMPORAL_ADDRESS: '127.0.0.1:1',
    UPLOADS_DIR: folder,
    FEED_DIR: join(folder, 'feed'),
    FEED_API_KEY_HASHES: createHash('sha256').update(FEED_KEY).digest('hex'),
    CONTROL_DIR: join(folder, 'control'),
    WEB_DIR: join(folder, 'web'),
    RATE_LIMIT_EXEMPT_TOKEN: EXEMPT,
    NODE_ENV: 'test',
  })
  // Seen with VERBOSE=1: what was behind an "internal error".
  const log = pino({ level: process.env.VERBOSE === '1' ? 'error' : 'silent' })
  const assembly = assemble(env, log)
  const redis = openRedis(env)
  const passwords = bcryptPasswords(4)
  const accounts = openAccounts(env, { database: own.open(), redis, log, passwords })
  // A refresh goes on all the time, so that there is one to cancel; it changes nothing.
  const refresh = new FakeRefresh()
  refresh.run('1')
  await write(env.FEED_DIR, orders(3))
  const app = { ...assembly.app, accounts, tokens: accounts.tokens, feed: openFeed(env, refresh) }
  const server = createServer(buildApp(app))
  acceptWebSockets(server, app.events, log, app.tokens)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  void assembly.firstContacts()
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const exempt = { 'x-ecomweb-exempt': EXEMPT, 'x-api-key': FEED_KEY }
  const { user, admin, ...rest } = await settle(own, url, exempt)
  const as = ({ token }: Person) => ({ ...exempt, authorization: `Bearer ${token}` })
  return {
    ...rest,
    url,
    user,
    headers: { guest: exempt, user: as(user), admin: as(admin) },
    async close() {
      app.health.readiness.drain()
      app.events.close(1000)
      await new Promise((resolve) => {
        server.close(resolve)
        server.closeAllConnections()
      })
      for (const close of assembly.closers) await close()
      redis.disconnect()
      await own.drop()
      await rm(folder, { recursive: true, force: true })
    },
  }
}

/** A password that keeps the rules, which no schema can say. */
export const aPassword = (): string => `nine otters ${randomBytes(9).toString('hex')}`
