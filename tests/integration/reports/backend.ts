import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { pino } from 'pino'
import type { Database } from '../../../apps/core/database.ts'
import { openRedis, type Redis } from '../../../apps/core/redis.ts'
import { buildReports } from '../../../apps/reports/app.ts'
import { reportCache } from '../../../apps/reports/assemble.ts'
import { type OwnDatabase, ownDatabase } from '../database.ts'
import { redisUrl } from '../redis.ts'

export const ADMIN = '00000000-0000-4000-8000-00000000000a'

/** The day on which every test takes place. */
export const NOW = new Date('2026-11-15T12:00:00Z')

export type Answer = { status: number; headers: Headers; text: string; body: Record<string, unknown> }

/** The reports backend as its process has it, on a database of its own and in Redis. */
export type Backend = {
  own: OwnDatabase
  redis: Redis
  database: Database
  ask(path: string, init?: RequestInit): Promise<Answer>
  /** How many requests have come in so far. */
  asked(): number
  /** Uploads a CSV file as an administrator. */
  upload(path: string, body: RequestInit['body']): Promise<Answer>
  close(): Promise<void>
}

export async function startBackend({ timezone = 'UTC', redisNumber = 5 } = {}): Promise<Backend> {
  const own = await ownDatabase()
  await own.sql(`ALTER DATABASE ${own.name} SET timezone TO '${timezone}'`)
  const redis = openRedis({ REDIS_URL: redisUrl(redisNumber) })
  await new Promise((resolve) => redis.once('ready', resolve))
  const database = own.open('service', 2)
  const app = buildReports({
    log: pino({ level: 'silent' }),
    database,
    redis,
    // What other files cache at the same time lies elsewhere.
    cache: reportCache(redis, own.name),
    appUrl: 'http://shop.test',
    now: () => NOW,
  })
  let asked = 0
  const server = createServer(app).listen(0, '127.0.0.1')
  server.on('request', () => {
    asked += 1
  })
  await new Promise((resolve) => server.once('listening', resolve))
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`

  const ask: Backend['ask'] = async (path, init) => {
    const response = await fetch(url + path, init)
    const text = await response.text()
    const json = response.headers.get('content-type')?.includes('json')
    return { status: response.status, headers: response.headers, text, body: json ? JSON.parse(text) : {} }
  }
  return {
    ...{ own, redis, database, ask },
    asked: () => asked,
    upload: (path, body) =>
      ask(path, {
        method: 'POST',
        headers: { 'content-type': 'text/csv', 'x-ecomweb-actor': ADMIN, 'x-request-id': 'of-this-test' },
        body,
        duplex: 'half',
      } as RequestInit),
    async close() {
      server.close()
      server.closeAllConnections()
      redis.disconnect()
      await own.drop()
    },
  }
}
