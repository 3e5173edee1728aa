/**
 * The data feed on a real stack, from a real phpMyAdmin, in the three ways in which it is refreshed: the services that
 * one does not need are dead meanwhile. The tests build on each other: what one has stored is served to the next.
 */
import { readFileSync, writeFileSync } from 'node:fs'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { ordersTable } from '../integration/feed/tables.ts'
import { itIsClosedAndEmpty, itServes } from './feed/serving.ts'
import { restore, startFromTestImages } from './harness/colours.ts'
import { containerOf } from './harness/containers.ts'
import { stack } from './harness/current.ts'
import { changeEnvironment } from './harness/environment.ts'
import { StackFeed, startFeedSource } from './harness/feed.ts'
import { other } from './harness/stack.ts'
import { waitUntil } from './harness/wait.ts'

const ROWS = 5000
/** So many that a refresh lasts some seconds. */
const MANY = 60_000

const feed = new StackFeed(stack)
let source: Awaited<ReturnType<typeof startFeedSource>>
let settings: string

const offer = (rows: number) =>
  source.sql(`DROP TABLE IF EXISTS orders; ${rows > 0 ? ordersTable('orders', rows) : ''}`)
const ownerOfLast = () => stack.sql('SELECT owner FROM feed_runs ORDER BY id DESC LIMIT 1;')
const kill = async (...services: string[]) => {
  const containers = await Promise.all(services.map((service) => containerOf(stack, service)))
  await stack.docker(['kill', ...containers.map(({ name }) => name)])
}

/** Temporal too, in case a test has stopped it. */
const change = (changes: Record<string, string>, ...services: string[]) =>
  changeEnvironment(stack, changes, ['ecomweb_temporal', ...services])

beforeAll(async () => {
  settings = readFileSync(stack.file('.env.api'), 'utf8')
  // One version of the workers, so that a refresh runs in the service that these tests change and kill.
  const started = startFromTestImages(stack, { alike: true }).then(() => restore(stack))
  ;[source] = await Promise.all([startFeedSource(stack), started])
  await offer(ROWS)
  await stack.docker(['exec', stack.container('api_blue'), 'sh', '-c', 'rm -rf /data/feed/*'])
  await stack.sql('DELETE FROM feed_runs;')
})

afterAll(async () => {
  writeFileSync(stack.file('.env.api'), settings)
  await Promise.all([source?.stop(), restore(stack)])
})

describe('refreshed on demand, without cron, worker and Temporal', () => {
  beforeAll(async () => {
    await change({ ...feed.settings, ...source.settings, FEED_SYNC: 'demand' })
    await kill('ecomweb_cron', 'ecomweb_worker', 'ecomweb_temporal')
  })

  itIsClosedAndEmpty(feed)

  it('one refresh goes on at a time, whomever it is asked of, and both colours show it', async () => {
    const colours = ['blue', 'green'] as const
    await source.whilePaused(async () => {
      const asked = [...colours, ...colours, ...colours].map((colour) => feed.refresh(colour))
      const answers = (await Promise.all(asked)).toSorted()
      expect(answers).toEqual([...Array(5).fill('202 already in progress'), '202 triggered'])
      for (const colour of colours)
        expect((await feed.status(colour)).refresh).toMatchObject({ in_progress: true, rows: 0 })
    })
    expect(await feed.ended()).toMatchObject({ status: 'finished' })
    const { count, data } = (await feed.ask('/fetch-data')).json()
    expect(count).toBe(ROWS)
    expect(data.map(({ id }) => id)).toEqual(Array.from({ length: ROWS }, (_, index) => index + 1))
  })

  it('an answer says first what became of the refresh that it asks for', async () => {
    const beginning = async (bytes: number) =>
      (await feed.ask('/fetch-data?refresh=true')).body.toString('utf8', 0, bytes)
    await source.whilePaused(async () => {
      expect(await beginning(41)).toBe('{"_info":"Background refresh triggered","')
      expect(await beginning(49)).toBe('{"_info":"Background refresh already in progress"')
    })
    expect(await feed.ended()).toMatchObject({ status: 'finished' })
  })

  it('a refresh is cancelled through the other colour', async () => {
    await source.whilePaused(async () => {
      expect(await feed.refresh('blue')).toBe('202 triggered')
      const { status } = await feed.ask('/refresh/cancel', { method: 'POST', colour: 'green' })
      expect(status).toBe(202)
      expect(await feed.ended()).toMatchObject({ status: 'cancelled' })
    })
  })

  it('one that fails leaves what there was, and says why', async () => {
    const before = await feed.tag('blue')
    await offer(0)
    expect(await feed.refresh()).toBe('202 triggered')
    const failure = 'shop.orders has no columns that can be read'
    expect(await feed.ended()).toMatchObject({ status: 'failed', failure })
    expect(await feed.tag('blue')).toBe(before)
    await offer(ROWS + 1)
  })

  it('a stream has what there is, what comes, and an end', async () => {
    const { next } = await feed.stream('&refresh=true')
    expect(await next()).toMatchObject({ type: 'cached', payload: { count: ROWS } })
    expect(await next()).toMatchObject({ type: 'updated', payload: { count: ROWS + 1 } })
    expect([await next(), await next()]).toEqual([{ type: 'done' }, undefined])
  })

  it('a switch ends a stream softly; whoever comes back gets the new data from the other colour', async () => {
    await offer(ROWS + 2)
    const from = await stack.active()
    let { next, servedBy } = await feed.stream()
    await source.whilePaused(async () => {
      ;({ next, servedBy } = await feed.stream('&refresh=true'))
      expect(servedBy).toBe(from)
      expect(await next()).toMatchObject({ type: 'cached', payload: { count: ROWS + 1 } })
      await stack.switchTo(other(from))
      expect([await next(), await next()]).toEqual([{ type: 'retry' }, undefined])
      ;({ next, servedBy } = await feed.stream())
      expect(servedBy).toBe(other(from))
      expect(await next()).toMatchObject({ type: 'cached', payload: { count: ROWS + 1 } })
    })
    expect(await next()).toMatchObject({ type: 'updated', payload: { count: ROWS + 2 } })
    expect(await next()).toEqual({ type: 'done' })
  })
})

describe('refreshed by cron, without worker and Temporal', () => {
  beforeAll(async () => {
    await offer(ROWS)
    await change({ FEED_SYNC: 'cron', FEED_SCHEDULE: '* * * * *' }, 'ecomweb_cron')
    await kill('ecomweb_temporal')
  })

  it('the job has the API refresh it, through the edge', async () => {
    const runs = () => stack.sql('SELECT count(*) FROM feed_runs;')
    const before = await runs()
    const { stdout } = await stack.ecomweb(['cron', 'run', 'feed-refresh', '--json'])
    expect(stdout).toContain('"finished"')
    expect(await feed.ended()).toMatchObject({ status: 'finished' })
    expect(await runs()).not.toBe(before)
    expect(await ownerOfLast()).toMatch(new RegExp(`^api ${await stack.active()} `))
    expect((await feed.status()).count).toBe(ROWS)
  })
})

describe('refreshed by the worker, without cron', () => {
  beforeAll(async () => {
    await change({ FEED_SYNC: 'worker' }, 'ecomweb_worker')
    await kill('ecomweb_cron')
  })

  it('Temporal has the schedule', async () => {
    const ask = ['wget', '-q', '-O', '-', 'http://127.0.0.1:7243/api/v1/namespaces/default/schedules']
    await waitUntil('the worker has made it', async () =>
      (await stack.docker(['exec', stack.container('temporal'), ...ask])).stdout.includes('"feed-hourly"'),
    )
  })

  it('a worker that is killed midway leaves what there was', async () => {
    await offer(MANY)
    const before = await feed.tag('blue')
    expect(await feed.refresh()).toBe('202 triggered')
    const midway = await waitUntil('rows have come', async () => {
      const { refresh } = await feed.status()
      return (refresh.rows ?? 0) > 0 && refresh
    })
    expect(midway).toMatchObject({ in_progress: true, rows_expected: MANY })
    expect(await feed.refresh()).toBe('202 already in progress')
    process.kill((await containerOf(stack, 'ecomweb_worker')).pid, 'SIGKILL')
    expect(await feed.tag('blue')).toBe(before)
  })

  itServes(feed)

  it('why it ended is told, and another attempt completes the refresh', async () => {
    const soon = { timeoutMs: 120_000 }
    const lost = await waitUntil('the run counts as lost', async () => {
      const { last } = (await feed.status()).refresh
      return last?.status === 'lost' ? last : undefined
    })
    expect(lost.failure).toMatch(/its process was lost/)
    expect((await feed.status()).count).toBe(ROWS)
    await waitUntil('another attempt completes', async () => (await feed.status()).count === MANY, soon)
    await feed.ended()
    expect(await ownerOfLast()).toMatch(/^worker /)
  })

  it('without Temporal none begins, and that is said', async () => {
    await kill('ecomweb_temporal')
    expect(await feed.refresh()).toBe('500 Internal error')
    const { _info } = (await feed.ask('/fetch-data?refresh=true')).json()
    expect(_info).toBe('Background refresh could not be triggered')
  })
})
