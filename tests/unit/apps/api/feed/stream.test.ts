import { createInterface } from 'node:readline'
import type { Readable } from 'node:stream'
import { createGunzip } from 'node:zlib'
import { describe, expect, test, vi } from 'vitest'
import { RefreshWatch } from '../../../../../apps/api/feed/watch.ts'
import { all, type Body, orders, write } from '../../core/feed/cache.fixture.ts'
import { type FeedApp, startFeed } from './feed.fixture.ts'
import { FakeRefresh } from './refresh.fixture.ts'

type Event = { type: string; payload?: Body; message?: string }

/** The events of a stream as they come; `hint` is what it says at an end that is not its own. */
async function* eventsOf(body: Readable): AsyncGenerator<Event | { type: 'hint' }> {
  for await (const line of createInterface(body)) {
    if (line.startsWith('data: ')) yield JSON.parse(line.slice('data: '.length))
    if (line.startsWith('retry: ')) yield { type: 'hint' }
  }
}

async function open(app: FeedApp, query = '', headers: Record<string, string> = {}) {
  const response = await app.begin(`/fetch-data?stream=true${query}`, headers)
  expect(response.headers['content-type']).toBe('text/event-stream; charset=utf-8')
  const gzip = response.headers['content-encoding'] === 'gzip'
  const events = eventsOf(gzip ? response.pipe(createGunzip()) : response)
  const next = async () => (await events.next()).value as Event | undefined
  return { response, gzip, next, rest: () => all(events) }
}

describe.each(['identity', 'gzip'])('the stream in %s', (encoding) => {
  const accepting = { 'accept-encoding': encoding }

  test('without a refresh is what there is, and done', async () => {
    const app = await startFeed()
    await write(app.dir, orders(3000))
    const { next, rest, gzip } = await open(app, '', accepting)
    expect(gzip).toBe(encoding === 'gzip')
    const cached = await next()
    expect(cached).toMatchObject({ type: 'cached', payload: { status: 'success', count: 3000 } })
    expect(cached?.payload?.data).toHaveLength(3000)
    expect(await rest()).toEqual([{ type: 'done' }])
  })

  test('with a refresh has the new version too', async () => {
    const app = await startFeed()
    await write(app.dir, orders(2000))
    const { next, rest } = await open(app, '&refresh=true', accepting)
    expect(await next()).toMatchObject({ type: 'cached', payload: { count: 2000 } })
    expect(app.refresh.triggered).toBe(1)
    app.refresh.run('1')
    await write(app.dir, orders(2500, 'new'))
    app.refresh.end('1')
    const updated = await next()
    expect(updated).toMatchObject({ type: 'updated', payload: { count: 2500 } })
    expect(updated?.payload?.data[0]).toMatchObject({ label: 'new' })
    expect(await rest()).toEqual([{ type: 'done' }])
  })
})

test('a stream waits for a refresh that another has begun, and says why it failed', async () => {
  const app = await startFeed()
  await write(app.dir, orders(1))
  app.refresh.run('1')
  const { next, rest } = await open(app)
  expect(await next()).toMatchObject({ type: 'cached' })
  app.refresh.end('1', 'failed', 'the login was refused')
  expect(await rest()).toEqual([{ type: 'error', message: 'the login was refused' }, { type: 'done' }])
})

test('a refresh that cannot be begun is an error and the end', async () => {
  const app = await startFeed()
  await write(app.dir, orders(1))
  app.refresh.failure = new Error('no database')
  const { next, rest } = await open(app, '&refresh=true')
  expect(await next()).toMatchObject({ type: 'cached' })
  expect(await rest()).toEqual([
    { type: 'error', message: 'Background refresh could not be triggered' },
    { type: 'done' },
  ])
})

describe('at a deploy', () => {
  test.each(['identity', 'gzip'])('a stream in %s that waits ends with a hint', async (encoding) => {
    const app = await startFeed()
    await write(app.dir, orders(1))
    const { next, rest } = await open(app, '&refresh=true', { 'accept-encoding': encoding })
    expect(await next()).toMatchObject({ type: 'cached' })
    expect(app.parts.feed.streams.size).toBe(1)
    expect(await app.parts.feed.streams.drain(0)).toEqual({ websockets: 0, streams: 1 })
    expect(await rest()).toEqual([{ type: 'hint' }])
    await vi.waitFor(() => expect(app.parts.feed.streams.size).toBe(0))
  })

  test('one that sends ends after the event that is under way', async () => {
    const app = await startFeed()
    await write(app.dir, orders(60_000))
    const { next, rest, response } = await open(app, '&refresh=true')
    // More than the sockets on the way hold, so that it is sent while the streams are ended.
    response.pause()
    await app.parts.feed.streams.close(0)
    response.resume()
    expect(await next()).toMatchObject({ type: 'cached', payload: { count: 60_000 } })
    expect(await rest()).toEqual([{ type: 'hint' }])
  })

  test('one that comes later is given what there is', async () => {
    const app = await startFeed()
    await write(app.dir, orders(1))
    await app.parts.feed.streams.close(0)
    const { next, rest } = await open(app, '&refresh=true')
    expect(await next()).toMatchObject({ type: 'cached' })
    expect(await rest()).toEqual([{ type: 'hint' }])
  })
})

test('a client that goes away is forgotten', async () => {
  const app = await startFeed()
  await write(app.dir, orders(1))
  const { next, response } = await open(app, '&refresh=true')
  await next()
  response.destroy()
  await vi.waitFor(() => expect(app.parts.feed.streams.size).toBe(0))
})

describe('the end of a refresh', () => {
  const watching = (refresh: FakeRefresh, versions: (string | undefined)[], limitMs = 10_000) => {
    let time = 0
    let looks = 0
    const parts = {
      cache: { meta: async () => ({ id: versions[Math.min(looks++, versions.length - 1)] }) as never },
      refresh,
      limitMs,
      pause: async (ms: number) => {
        time += ms
      },
      now: () => time,
    }
    return { watch: new RefreshWatch(parts), looks: () => looks }
  }
  const signal = new AbortController().signal
  const idle = { running: null, last: null }

  test('is seen without a database, by the new version', async () => {
    const refresh = new FakeRefresh()
    refresh.now = 'unknown'
    const { watch } = watching(refresh, ['a', 'a', 'b'])
    expect(await watch.outcome({ version: 'a', state: 'unknown' }, signal)).toEqual({ updated: true })
  })

  test('is not that of the one before', async () => {
    const refresh = new FakeRefresh()
    refresh.end('7', 'failed', 'the failure of yesterday')
    const { watch } = watching(refresh, ['a', 'a', 'a', 'b'])
    expect(await watch.outcome({ version: 'a', state: refresh.now }, signal)).toEqual({ updated: true })
  })

  test('is waited for until the limit', async () => {
    const { watch, looks } = watching(new FakeRefresh(), ['a'], 5000)
    const outcome = await watch.outcome({ version: 'a', state: idle }, signal)
    expect(outcome).toEqual({ updated: false, message: 'The refresh did not end in time' })
    expect(looks()).toBe(10)
  })

  test('is looked for once for all who wait', async () => {
    const { watch, looks } = watching(new FakeRefresh(), ['a', 'a', 'a', 'b'])
    const before = { version: 'a', state: idle }
    await Promise.all(Array.from({ length: 50 }, () => watch.outcome(before, signal)))
    expect(looks()).toBe(4)
  })
})
