import { createHash } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { buildApp } from '../../../apps/api/app.ts'
import { assemble } from '../../../apps/api/assemble.ts'
import { readEnv } from '../../../apps/core/env.ts'
import { openLog } from '../../../apps/core/log.ts'
import { callRefresh } from '../../../apps/cron/jobs/feed-refresh.ts'
import { waitUntil } from '../../e2e/harness/wait.ts'
import { type OwnDatabase, ownDatabase } from '../database.ts'
import { redisUrl } from '../redis.ts'

const KEY = 'a key of this test only'
let own: OwnDatabase
let dir: string
let closers: (() => unknown)[] = []

beforeAll(async () => {
  own = await ownDatabase()
})
beforeEach(async () => {
  await own.sql('DELETE FROM feed_runs')
  dir = mkdtempSync(join(tmpdir(), 'feed-modes-'))
})
afterEach(async () => {
  for (const close of closers) await close()
  closers = []
  rmSync(dir, { recursive: true })
})
afterAll(() => own.drop())

/** The API as it is, but for its source: nothing answers there until the test says so. */
async function api(settings: Record<string, string>, temporal = '127.0.0.1:1') {
  const env = readEnv({
    ...{ DATABASE_URL: own.url, REDIS_URL: redisUrl(4), TEMPORAL_ADDRESS: temporal },
    ...{ FEED_DIR: dir, FEED_API_KEY: KEY, UPLOADS_DIR: dir, WEB_DIR: dir },
    FEED_API_KEY_HASHES: createHash('sha256').update(KEY).digest('hex'),
    ...settings,
  })
  const parts = assemble(env, openLog({ LOG_LEVEL: 'silent' }))
  const url = await listen(createServer(buildApp(parts.app)))
  const end = async () => {
    for (const close of parts.closers.splice(0)) await close()
  }
  closers.unshift(end)
  const get = async (path: string, method = 'GET') => {
    const response = await fetch(url + path, { method, headers: { 'X-API-Key': KEY } })
    return { status: response.status, body: (await response.json()) as Record<string, unknown> }
  }
  const refresh = async () => (await get('/status')).body.refresh as Record<string, unknown>
  return { url, get, refresh, end }
}

async function listen(server: Server): Promise<string> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  closers.push(async () => {
    server.closeAllConnections()
    await new Promise((resolve) => server.close(resolve))
  })
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}

/** A source that takes connections and never answers. */
const silentSource = async () => ({
  FEED_SOURCE_URL: `${await listen(createServer(() => {}))}/phpmyadmin/`,
  ...{ FEED_SOURCE_USER: 'reader', FEED_SOURCE_PASSWORD: 'of-this-test' },
})

describe('with FEED_SYNC=demand, Temporal away,', () => {
  test('a refresh without a source fails, and /status says what to set', async () => {
    const { get, refresh } = await api({ FEED_SYNC: 'demand' })
    expect(await get('/refresh', 'POST')).toEqual({ status: 202, body: { status: 'triggered' } })
    const ended = await waitUntil('the refresh has ended', async () => {
      const now = await refresh()
      return now.in_progress === false && now.last ? now : undefined
    })
    expect(ended.last).toMatchObject({
      status: 'failed',
      failure: 'no source is configured: set FEED_SOURCE_URL',
    })
  })

  test('one refresh goes on at a time, is shown and cancelled in whichever process', async () => {
    const source = await silentSource()
    const [one, other] = [await api(source), await api(source)]
    const answers = await Promise.all([one, other, one, other].map(({ get }) => get('/refresh', 'POST')))
    expect(answers.map(({ body }) => body.status).toSorted()).toEqual([
      ...['already in progress', 'already in progress', 'already in progress', 'triggered'],
    ])
    for (const { refresh } of [one, other])
      await waitUntil('it is seen', async () => (await refresh()).in_progress === true)
    expect((await other.get('/refresh/cancel', 'POST')).status).toBe(202)
    await waitUntil('it is cancelled', async () =>
      Boolean(((await one.refresh()).last as { status?: string } | null)?.status === 'cancelled'),
    )
    expect((await one.get('/refresh/cancel', 'POST')).status).toBe(409)
  })

  test('a refresh is interrupted by the end of its process, and another one can begin', async () => {
    const source = await silentSource()
    const first = await api(source)
    await first.get('/refresh', 'POST')
    await first.end()
    const [run] = await own.sql('SELECT status, failure FROM feed_runs')
    expect(run).toEqual({
      status: 'failed',
      failure: expect.stringMatching(/^interrupted .*: this process ends$/),
    })
    const second = await api(source)
    expect((await second.get('/refresh', 'POST')).body).toEqual({ status: 'triggered' })
  })
})

test('with FEED_SYNC=cron the job of cron begins it, once', async () => {
  const { url } = await api({ FEED_SYNC: 'cron', ...(await silentSource()) })
  const call = () => callRefresh({ url: `${url}/refresh`, key: KEY, signal: AbortSignal.timeout(20_000) })
  expect(await call()).toBe('triggered')
  expect(await call()).toBe('already in progress')
  const wrong = callRefresh({
    url: `${url}/refresh`,
    key: 'another key',
    signal: AbortSignal.timeout(20_000),
  })
  await expect(wrong).rejects.toThrow('answered 401: Unauthorized')
})

test('with FEED_SYNC=worker and Temporal away nothing is begun, and it is said', async () => {
  const { get } = await api({ FEED_SYNC: 'worker', ...(await silentSource()) })
  expect((await get('/refresh', 'POST')).status).toBe(500)
  expect(await own.sql('SELECT 1 FROM feed_runs')).toEqual([])
})
