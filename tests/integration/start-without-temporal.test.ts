import { mkdtempSync, rmSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, inject, test } from 'vitest'
import { buildApp } from '../../apps/api/app.ts'
import { type Assembly, assemble } from '../../apps/api/assemble.ts'
import { readEnv } from '../../apps/core/env.ts'
import { openLog } from '../../apps/core/log.ts'
import { type OwnDatabase, ownDatabase } from './database.ts'

const folder = mkdtempSync(join(tmpdir(), 'start-'))
let own: OwnDatabase
let api: Assembly
let url: string

/** An API as its process has it, with PostgreSQL and Redis; at Temporal's address nobody answers. */
beforeAll(async () => {
  own = await ownDatabase()
  const env = readEnv({
    ...{
      DATABASE_URL: own.url,
      REDIS_URL: `${inject('services').redis}/14`,
      TEMPORAL_ADDRESS: '127.0.0.1:1',
    },
    ...{ FEED_DIR: folder, UPLOADS_DIR: folder, WEB_DIR: folder },
  })
  api = assemble(env, openLog({ LOG_LEVEL: 'silent' }))
  const server = createServer(buildApp(api.app)).listen(0, '127.0.0.1')
  await new Promise((resolve) => server.once('listening', resolve))
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  api.closers.unshift(
    () => server.close(),
    () => server.closeAllConnections(),
  )
})

afterAll(async () => {
  api.app.health.readiness.drain()
  for (const close of api.closers) await close()
  await own.drop()
  rmSync(folder, { recursive: true })
})

test('an API that starts while Temporal is away gets ready, takes orders, and says that it is degraded', async () => {
  await api.firstContacts()
  expect((await fetch(`${url}/ready`)).status).toBe(200)
  const ordered = await fetch(`${url}/api/orders`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'idempotency-key': 'while-temporal-is-away' },
    body: JSON.stringify({ email: 'guest@example.com', items: [{ product_id: 1, quantity: 1 }] }),
  })
  expect(ordered.status).toBe(201)
  const health = await (await fetch(`${url}/api/health`)).json()
  expect(health).toMatchObject({
    status: 'degraded',
    services: { database: 'up', redis: 'up', temporal: 'down' },
  })
})
