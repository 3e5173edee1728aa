import { fork } from 'node:child_process'
import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { createServer } from 'node:net'
import { networkInterfaces } from 'node:os'
import { afterEach, expect, test } from 'vitest'
import { addressOf } from '../../../../apps/reports/address.ts'

let stop = () => {}
afterEach(() => stop())

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  server.close()
  await once(server, 'close')
  return port
}

/** The backend as PM2 starts it, with neither a database nor Redis; resolves when it says that it is ready. */
async function start() {
  const port = await freePort()
  const child = fork('apps/reports/server.ts', {
    env: {
      PATH: process.env.PATH,
      DATABASE_URL: 'postgresql://app:secret@127.0.0.1:1/shop',
      REDIS_URL: 'redis://127.0.0.1:1',
      TEMPORAL_ADDRESS: 'temporal:7233',
      REPORTS_BACKEND_URL: `http://localhost:${port}`,
      LOG_LEVEL: 'silent',
    },
  })
  stop = () => child.kill('SIGKILL')
  expect(await once(child, 'message')).toEqual(['ready', undefined])
  return { child, port }
}

test('the backend is alive without its database, says so in its errors, and ends softly', async () => {
  const { child, port } = await start()
  const url = `http://127.0.0.1:${port}`
  const health = await fetch(`${url}/health`)
  expect([health.status, await health.json()]).toEqual([200, { status: 'ok' }])
  const report = await fetch(`${url}/reports/sales`, { headers: { 'x-request-id': 'of-this-test' } })
  expect([report.status, await report.json()]).toMatchObject([
    503,
    { error: 'the database is not reachable at the moment', request_id: 'of-this-test' },
  ])
  child.kill('SIGTERM')
  expect(await once(child, 'exit')).toEqual([0, null])
}, 20_000)

test('nothing reaches it but by the loopback interface', async () => {
  const { port } = await start()
  const outside = Object.values(networkInterfaces())
    .flatMap((addresses) => addresses ?? [])
    .filter(({ internal, family }) => !internal && family === 'IPv4')
  expect(outside.length).toBeGreaterThan(0)
  for (const { address } of outside) {
    await expect(fetch(`http://${address}:${port}/health`)).rejects.toThrow()
  }
}, 20_000)

test.each([
  ['http://127.0.0.1:8080', { host: '127.0.0.1', port: 8080 }],
  ['http://localhost:9000', { host: '127.0.0.1', port: 9000 }],
  ['http://[::1]:8080', { host: '::1', port: 8080 }],
])('%s is listened on at the loopback interface', (url, address) => {
  expect(addressOf(url)).toEqual(address)
})
