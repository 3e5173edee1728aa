import { describe, expect, onTestFinished, test } from 'vitest'
import { ask, askAtOnce, askFirst, percentile } from '../../../bench/feed/client.ts'
import { startDownloads } from '../../../bench/feed/downloads.ts'
import { judged, judgedRatio } from '../../../bench/feed/goals.ts'
import { orderRecords, RECORDS } from '../../../bench/feed/records.ts'
import { describeThrottling, parseThrottling } from '../../../bench/feed/throttling.ts'
import { KEY, startFeed } from '../apps/api/feed/feed.fixture.ts'
import { all, write } from '../apps/core/feed/cache.fixture.ts'

describe('the orders', () => {
  test('are as heavy as the feed is specified for, and all of them differ', async () => {
    const rows = await all(orderRecords(5000))
    const bytes = rows.reduce((sum, row) => sum + Buffer.byteLength(row) + 1, 0)
    const megabytes = ((bytes / rows.length) * RECORDS) / 1e6
    expect(Math.abs(megabytes - 81)).toBeLessThan(1)
    expect(new Set(rows.map((row) => JSON.parse(row).id)).size).toBe(5000)
    expect(rows.every((row) => !/[\r\n]/.test(row))).toBe(true)
  })
  test('are the same in every run', async () => {
    expect(await all(orderRecords(50))).toEqual(await all(orderRecords(50)))
  })
})

describe('a client', () => {
  const start = async (count: number) => {
    const app = await startFeed()
    const meta = await write(app.dir, orderRecords(count))
    const question = { url: `${app.url}/fetch-data`, headers: { 'x-api-key': KEY }, status: 200 }
    return { question, bytes: meta.bytes }
  }

  test('takes the whole answer, or its first byte alone', async () => {
    const { question, bytes } = await start(20_000)
    const whole = await ask(question)
    expect(whole.bytes).toBe(bytes)
    expect(whole.firstMs).toBeLessThanOrEqual(whole.totalMs)
    expect((await askFirst(question)).bytes).toBeLessThan(bytes)
    expect((await askAtOnce(question, 4)).bytes).toBe(4 * bytes)
  })

  test('takes no other answer than the one that is measured', async () => {
    const { question } = await start(1)
    await expect(ask({ ...question, headers: {} })).rejects.toThrow('401 instead of 200')
  })

  test('downloads again and again on a thread of its own', async () => {
    const { question, bytes } = await start(100)
    const downloads = await startDownloads(question, 3)
    onTestFinished(async () => void (await downloads.stop()))
    const { bodies, bytes: taken } = downloads.taken()
    expect(bodies).toBeGreaterThan(0)
    expect(taken).toBe(bodies * bytes)
    await expect(startDownloads({ ...question, status: 304 }, 1)).rejects.toThrow('200 instead of 304')
  })
})

describe('what is reported', () => {
  const samples = Array.from({ length: 1000 }, (_, index) => 1000 - index)

  test('is the nearest rank', () => {
    expect(percentile(samples, 0.99)).toBe(990)
    expect(percentile([7], 0.99)).toBe(7)
    expect(percentile([3, 1], 0.5)).toBe(1)
    expect(() => percentile([], 0.5)).toThrow('no samples')
  })

  test('stands beside its goal', () => {
    const quick = samples.map((sample) => sample / 100)
    expect(judged('/health', quick)).toBe('9.9 ms over 1000 requests; the goal is 10 ms: reached')
    expect(judged('/health', samples)).toContain('MISSED')
  })

  test('is the time beside that of nginx', () => {
    const results = { samples: (name: string) => (name === 'feed' ? [11, 12, 13] : [10]) }
    expect(judgedRatio(results, 'feed', 'nginx')).toBe('1.20; the goal is 1.2: reached')
    expect(judgedRatio(results, 'nginx', 'feed')).toContain('0.83')
    expect(judgedRatio({ samples: (name) => (name === 'feed' ? [13] : [10]) }, 'feed', 'nginx')).toContain(
      'MISSED',
    )
  })
})

test('how often a limit of processor time has cut a container short is told from cpu.stat', () => {
  const stat = (periods: number, throttled: number, us: number) =>
    parseThrottling(
      `usage_usec 1\nnr_periods ${periods}\nnr_throttled ${throttled}\nthrottled_usec ${us}\nnr_bursts 0\n`,
    )
  expect(describeThrottling(stat(10, 1, 5000), stat(110, 26, 1_255_000))).toBe(
    '25 of 100 periods were cut short, 1250 ms in all',
  )
  expect(parseThrottling('usage_usec 1\n')).toEqual({ periods: 0, throttled: 0, throttledMs: 0 })
  const v1 = 'nr_periods 1461\nnr_throttled 44\nthrottled_time 1151160940\nnr_bursts 0\nburst_time 0\n'
  expect(parseThrottling(v1)).toEqual({ periods: 1461, throttled: 44, throttledMs: 1151.16094 })
})
