import { getCACertificates, setDefaultCACertificates } from 'node:tls'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import type { SyncProgress } from '../../apps/core/feed/sync.ts'
import { waitUntil } from '../e2e/harness/wait.ts'
import { newCertificate } from './feed/certificate.ts'
import { type Feed, startFeed } from './feed/feed.fixture.ts'
import { type ProxyOptions, startProxy } from './feed/proxy.ts'
import { syncOnSmallDisk } from './feed/small-disk.ts'
import { cutAfter, endOfRow, orders, replacing } from './feed/spoil.ts'
import { ordersTable, SPECIAL, specialTable, TEXTS } from './feed/tables.ts'

const ROWS = 102_052
const FEW = 3000

let feed: Feed
const cleanUps: (() => Promise<unknown>)[] = []

beforeAll(async () => {
  feed = await startFeed()
  await feed.services.sql(ordersTable('few', FEW) + ordersTable('orders', ROWS) + specialTable())
  await feed.sync('few')
  // The images may have to be built.
}, 900_000)

afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0)) await cleanUp()
})

afterAll(() => feed?.stop())

const proxied = async (options: ProxyOptions) => {
  const proxy = await startProxy(feed.services.url, options)
  cleanUps.push(proxy.close)
  return proxy
}

test(`${ROWS} orders come over whole and in order`, { timeout: 60_000 }, async () => {
  const seen: SyncProgress[] = []
  const meta = await feed.sync('orders', { onProgress: (progress) => seen.push(progress) })
  expect(meta.count).toBe(ROWS)
  expect(seen).toContainEqual({ phase: 'exporting', rows: 0, rowsExpected: ROWS, bytes: 0 })
  expect(seen.at(-1)).toMatchObject({ rows: ROWS, rowsExpected: ROWS })
  const rows = await feed.cached()
  expect(rows.map(({ id }) => id)).toEqual(Array.from({ length: ROWS }, (_, index) => index + 1))
  const cents = rows.reduce((sum, { total }) => sum + BigInt(String(total).replace('.', '')), 0n)
  const characters = rows.reduce((sum, { note }) => sum + [...String(note ?? '')].length, 0)
  const said = 'SELECT CAST(SUM(total) * 100 AS INT), SUM(CHAR_LENGTH(note)) FROM orders'
  expect([[String(cents), String(characters)]]).toEqual(await feed.services.sql(said))
  expect(rows[13]).toMatchObject({
    ...{ id: 14, number: '2026-00000014', customer: 'Customer 14, "Zoë" 😀', total: '19.18', weight: 1.75 },
    ...{ placed_at: '2020-01-01T00:14:00', shipped_at: '2021-01-01T00:14:00Z', status: 'shipped' },
  })
})

test('texts that are easily spoilt are those that MariaDB says', async () => {
  await feed.sync('special')
  const rows = await feed.cached()
  const got = rows.map(({ id, txt }) => [
    String(id),
    txt === null ? 'NULL' : Buffer.from(String(txt)).toString('hex').toUpperCase(),
  ])
  expect(got).toEqual(await feed.services.sql('SELECT id, HEX(txt) FROM special ORDER BY id'))
  expect(rows.slice(0, TEXTS.length).map(({ txt }) => txt)).toEqual(TEXTS)
  expect(rows.find(({ id }) => id === 1000)).toHaveProperty('txt', null)
})

test('each type keeps what it means, NULL included, in the order of the columns', async () => {
  await feed.sync('special')
  const rows = new Map((await feed.cached()).map((row) => [String(row.id), row]))
  for (const [id, special] of Object.entries(SPECIAL)) expect(rows.get(id)).toEqual(special)
  const { id: _, ...nulls } = rows.get('1000') ?? {}
  expect(Object.values(nulls)).toEqual(Array(13).fill(null))
  const columns = await feed.services.sql('SHOW COLUMNS FROM special')
  expect(Object.keys(rows.get('1') ?? {})).toEqual(columns.map(([name]) => name))
})

test('phpMyAdmin behind a path and TLS is no different', async () => {
  const tls = await newCertificate()
  const known = getCACertificates('default')
  setDefaultCACertificates([...known, tls.cert])
  cleanUps.push(async () => setDefaultCACertificates(known))
  const { url } = await proxied({ prefix: '/tools/phpmyadmin', tls })
  expect(url).toMatch(/^https:.*\/phpmyadmin$/)
  expect((await feed.sync('few', { url })).count).toBe(FEW)
})

test('orders that come in during the export are no reason to give up', async () => {
  await feed.services.sql(ordersTable('busy', 100))
  const source = feed.sourceOf('busy')
  const sell = (id: number) =>
    feed.services.sql(`CREATE TEMPORARY TABLE sold AS SELECT * FROM busy WHERE id = 1;
      UPDATE sold SET id = ${id}; INSERT INTO busy SELECT * FROM sold`)
  const busy = {
    ...source,
    csv: async (...given: Parameters<typeof source.csv>) => {
      await sell(101)
      const csv = await source.csv(...given)
      await sell(102)
      return csv
    },
  }
  expect([101, 102]).toContain((await feed.sync('busy', { source: busy })).count)
})

describe('the version before stays, and the reason is told, when', () => {
  test('the password is wrong', async () => {
    const why = await feed.failure('few', { password: 'not-the-password' })
    expect(why).toMatch(/^phpMyAdmin refuses the login of feed: .*Access denied for user 'feed'/)
    expect(why).not.toContain('not-the-password')
  })

  test('phpMyAdmin cannot be reached', async () => {
    const { url, close } = await startProxy(feed.services.url)
    await close()
    const why = await feed.failure('few', { url })
    expect(why).toMatch(/^phpMyAdmin cannot be reached at 127\.0\.0\.1:\d+: .*ECONNREFUSED/)
  })

  test('the table is not there', async () => {
    expect(await feed.failure('missing')).toBe('shop.missing has no columns that can be read')
  })

  test('the page has changed', async () => {
    const { url } = await proxied({ page: replacing('name="csv_null"', 'name="csv_nothing"') })
    expect(await feed.failure('few', { url })).toContain('the form form[name=dump] has no csv_null')
  })

  test('the address is that of another program', async () => {
    const { url } = await proxied({ page: replacing('login_form', 'sign_in') })
    const why = await feed.failure('few', { url })
    expect(why).toContain("is not phpMyAdmin's page as known")
    expect(why).toContain('the form form#login_form is missing')
  })

  test.each([
    ['within the export', { file: cutAfter(300_000) }],
    ['within a page', { page: cutAfter(5000) }],
  ])('the connection is cut %s', async (_where, options) => {
    const why = await feed.failure('few', { url: (await proxied(options)).url })
    expect(why).toMatch(/^the connection to phpMyAdmin was cut after \d+ bytes: /)
  })

  test.each([
    [
      'ends too early, but as if it were whole',
      (csv: string) => csv.slice(0, endOfRow(csv, 1000)),
      `the export has 1000 rows where the table has ${FEW}`,
    ],
    [
      'lacks the end of its last row',
      (csv: string) => csv.slice(0, -1),
      `the export is cut: row ${FEW} does not end`,
    ],
    [
      'has its header twice',
      (csv: string) => csv.replace('\n"501","', `\n${csv.split('\n')[0]}\n"501","`),
      'row 501 of the export is its header once more',
    ],
    [
      'has a row that is too short',
      (csv: string) => csv.replace(',"7 Long Street, Springfield"', ''),
      'row 7 of the export has 10 fields where the table has 11 columns',
    ],
  ])('the export %s', async (_what, change, reason) => {
    const { url } = await proxied({ file: orders(change) })
    expect(await feed.failure('few', { url })).toBe(reason)
  })

  test('it is cancelled, and phpMyAdmin is left at once', async () => {
    const proxy = await proxied({})
    const cancelled = new AbortController()
    const onProgress = ({ rows }: SyncProgress) => {
      if (rows > 0) cancelled.abort(new Error('cancelled by its owner'))
    }
    const why = await feed.failure('orders', { url: proxy.url, signal: cancelled.signal, onProgress })
    expect(why).toBe('cancelled by its owner')
    await waitUntil('the export is left', () => proxy.open() === 0, { timeoutMs: 5000, everyMs: 20 })
  })

  test('the disk is full', async () => {
    await feed.services.sql(ordersTable('small', 500))
    const [done, failed] = await syncOnSmallDisk(feed.services, ['small', 'orders'])
    expect(done).toEqual({ table: 'small', outcome: 'done', current: expect.any(String) })
    expect(failed?.outcome).toBe('FeedError: no space is left in /data/feed')
    expect(failed?.current).toBe(done?.current)
  })
})
