import { Readable } from 'node:stream'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { storeRows } from '../../../apps/reports/imports/store.ts'
import { receive } from '../../../apps/reports/imports/text.ts'
import { ADMIN, type Backend, NOW, startBackend } from './backend.ts'

let backend: Backend

beforeAll(async () => {
  backend = await startBackend()
})
afterAll(() => backend?.close())
beforeEach(async () => {
  await backend.own.sql('TRUNCATE imports, audit_log CASCADE')
})

const uploadLines = (path: string, lines: string[]) => backend.upload(`/imports/${path}`, lines.join('\n'))
const upload = (path: string, ...lines: string[]) => uploadLines(path, lines)
const spendHeader = 'day,channel,campaign,spend,clicks,impressions'
const count = async (table: string) =>
  (await backend.own.sql<{ n: number }>(`SELECT count(*)::int AS n FROM ${table}`))[0]?.n

describe('an upload', () => {
  test('of advertising is stored with its import and an entry in the audit log', async () => {
    const { status, body } = await upload(
      'ad-spend',
      spendHeader,
      '2026-11-01,search-ads,"Autumn, 2026",12.34,56,7890',
      '2026-11-02,social,,1.1,0,0',
    )
    expect(status).toBe(201)
    expect(body).toEqual({
      import: {
        id: expect.any(String),
        ...{ kind: 'ad-spend', rows: 2, accepted: 2, rejected: 0, created_at: '2026-11-15T12:00:00.000Z' },
      },
      errors: [],
    })
    const { id } = body.import as { id: string }
    expect(
      await backend.own.sql(
        'SELECT day::text, channel, campaign, spend_cents, clicks, impressions, import_id FROM ad_spend ORDER BY day',
      ),
    ).toEqual([
      {
        ...{ day: '2026-11-01', channel: 'search-ads', campaign: 'Autumn, 2026', spend_cents: 1234 },
        ...{ clicks: 56, impressions: 7890, import_id: id },
      },
      {
        ...{ day: '2026-11-02', channel: 'social', campaign: '', spend_cents: 110 },
        ...{ clicks: 0, impressions: 0, import_id: id },
      },
    ])
    expect(
      await backend.own.sql('SELECT actor_id, action, target, details, request_id FROM audit_log'),
    ).toEqual([
      {
        ...{ actor_id: ADMIN, action: 'import.ad-spend', target: `import:${id}`, request_id: 'of-this-test' },
        details: { rows: 2, accepted: 2, rejected: 0 },
      },
    ])
  })

  test('of costs and of prices of competitors takes cents for what they are', async () => {
    expect((await upload('costs', 'product_id,valid_from,cost', '3,2026-11-01,1.15')).status).toBe(201)
    const prices = ['product_id,competitor,seen_on,price', '3,Müller & Söhne,2026-11-02,8.2']
    expect((await upload('competitor-prices', ...prices)).status).toBe(201)
    expect(await backend.own.sql('SELECT cost_cents FROM product_costs')).toEqual([{ cost_cents: 115 }])
    expect(await backend.own.sql('SELECT competitor, price_cents FROM competitor_prices')).toEqual([
      { competitor: 'Müller & Söhne', price_cents: 820 },
    ])
  })

  test('with what is there already puts the new in its place, and the last of two in a file counts', async () => {
    const header = 'product_id,valid_from,cost'
    await upload('costs', header, '3,2026-11-01,1.00', '4,2026-11-01,4.00')
    const { body } = await upload('costs', header, '3,2026-11-01,2.00', '3,2026-11-01,3.00')
    expect(body.import).toMatchObject({ rows: 2, accepted: 2 })
    expect(
      await backend.own.sql('SELECT product_id, cost_cents FROM product_costs ORDER BY product_id'),
    ).toEqual([
      { product_id: 3, cost_cents: 300 },
      { product_id: 4, cost_cents: 400 },
    ])
  })

  test('may have a byte order mark, CRLF, quotes, blank lines and its columns in any order', async () => {
    const text = '\uFEFFCost,"product_id",note,valid_from\r\n"2.50",5,"a\r\nb",2026-11-01\r\n\r\n'
    expect((await upload('costs', text)).status).toBe(201)
    expect(await backend.own.sql('SELECT product_id, cost_cents FROM product_costs')).toEqual([
      { product_id: 5, cost_cents: 250 },
    ])
  })

  test('with mistakes tells each by row and column, and stores nothing', async () => {
    const { status, headers, body } = await upload(
      'ad-spend',
      spendHeader,
      '2026-11-01,search-ads,a,12.34,1,1',
      '2026-02-30,Search Ads,a,-1,1.5,1',
      '2026-11-01,social,a,12',
      '2026-11-01,social,a,"1,234",1,1',
    )
    expect([status, headers.get('content-type')]).toEqual([422, 'application/problem+json'])
    expect(body).toMatchObject({ status: 422, rejected: 3, detail: expect.stringContaining('3 of 4 rows') })
    expect(body.errors).toEqual([
      { row: 3, column: 'day', message: 'is no day of the calendar' },
      { row: 3, column: 'channel', message: expect.stringContaining('a-z 0-9 -') },
      { row: 3, column: 'spend', message: 'should be an amount such as 12.34' },
      { row: 3, column: 'clicks', message: 'should be a whole number' },
      { row: 4, column: 'clicks', message: 'the row has 4 fields instead of 6' },
      { row: 5, column: 'spend', message: 'should be an amount such as 12.34' },
    ])
    expect([await count('imports'), await count('ad_spend'), await count('audit_log')]).toEqual([0, 0, 0])
  })

  test('with mistakes stores the rest if it is told to', async () => {
    const rows = ['product_id,valid_from,cost', '3,2026-11-01,1', '999999,2026-11-01,1', 'x,2026-11-01,1']
    const { status, body } = await upload('costs?partial=true', ...rows)
    expect(status).toBe(201)
    expect(body).toMatchObject({
      import: { rows: 3, accepted: 1, rejected: 2 },
      errors: [
        { row: 3, column: 'product_id', message: 'there is no product 999999' },
        { row: 4, column: 'product_id', message: 'should be the id of a product' },
      ],
    })
    expect(await count('product_costs')).toBe(1)
    expect((await upload('costs?partial=true', ...rows.slice(0, 1), ...rows.slice(2))).status).toBe(422)
  })

  test('that is only tried has the same answer and changes nothing', async () => {
    const rows = ['product_id,valid_from,cost', '3,2026-11-01,1']
    const { status, body } = await upload('costs?dry_run=true', ...rows)
    expect([status, body.import]).toEqual([
      200,
      {
        ...{ id: null, kind: 'costs', rows: 1, accepted: 1, rejected: 0 },
        created_at: '2026-11-15T12:00:00.000Z',
      },
    ])
    expect((await upload('costs?dry_run=true', ...rows, 'x,2026-11-01,1')).status).toBe(422)
    expect([await count('imports'), await count('product_costs')]).toEqual([0, 0])
  })

  test('tells of a thousand mistakes the first hundred', async () => {
    const rows = Array.from(
      { length: 1000 },
      (_, index) => `${500_000 + index},2026-11-01,${index % 2 ? 'x' : 1}`,
    )
    const { body } = await upload('costs', 'product_id,valid_from,cost', ...rows)
    const errors = body.errors as { row: number }[]
    expect([body.rejected, errors.length, errors.map(({ row }) => row)]).toEqual([
      1000,
      100,
      Array.from({ length: 100 }, (_, index) => index + 2),
    ])
  })

  test('makes reports that were computed before out of date', async () => {
    const spend = async () => {
      const { headers, body } = await backend.ask('/reports/advertising?from=2026-11-01&to=2026-11-02')
      return [headers.get('x-cache'), (body.totals as { spend_cents: number }).spend_cents]
    }
    await spend()
    await spend()
    await expect.poll(spend).toEqual(['hit', 0])
    await upload('ad-spend', spendHeader, '2026-11-01,social,a,5,1,1')
    expect(await spend()).toEqual(['miss', 500])
  })

  test('beside another of its kind is refused until that one is stored', async () => {
    const rows = ['product_id,valid_from,cost', '3,2026-11-01,1']
    const other = backend.own.open('service')
    await other.$transaction(async (transaction) => {
      await transaction.$queryRaw`
        SELECT pg_advisory_xact_lock(hashtext('ecomweb.imports'), hashtext('costs'))::text`
      expect((await upload('costs', ...rows)).status).toBe(409)
      expect((await upload('ad-spend', spendHeader, '2026-11-01,social,a,5,1,1')).status).toBe(201)
    })
    expect((await upload('costs', ...rows)).status).toBe(201)
  })

  test('that takes too long is given up as a whole, and says so', async () => {
    const file = await receive(Readable.from([Buffer.from(`${spendHeader}\n2026-11-01,social,a,5,1,1\n`)]))
    const by = {
      ...{ name: 'ad-spend' as const, actor: { id: ADMIN, role: 'admin' as const } },
      ...{ requestId: 'of-this-test', at: NOW, partial: false },
    }
    const other = backend.own.open('service')
    const given = await other.$transaction(async (transaction) => {
      await transaction.$executeRaw`LOCK TABLE ad_spend IN SHARE MODE`
      const storing = storeRows(backend.database, by, file, 300).catch((error) => error)
      // Longer than it may take; the lock is given back then, and what waits for it finds its transaction over.
      await transaction.$queryRaw`SELECT pg_sleep(0.6)::text`
      return { storing }
    })
    expect(await given.storing).toMatchObject({
      status: 503,
      message: expect.stringMatching(/not be stored within 0.3 s, so none was/),
    })
    expect([await count('imports'), await count('ad_spend'), await count('audit_log')]).toEqual([0, 0, 0])
  })

  test('of nearly ten megabytes is stored as it comes', async () => {
    const rows = Array.from(
      { length: 180_000 },
      (_, index) =>
        `2026-${String(1 + (index % 12)).padStart(2, '0')}-15,channel-${index % 50},campaign number ${index},9.99,1,1`,
    )
    const { status, body } = await uploadLines('ad-spend', [spendHeader, ...rows])
    expect([status, body.import]).toMatchObject([201, { rows: 180_000, accepted: 180_000 }])
    expect(await backend.own.sql('SELECT sum(spend_cents)::int AS cents FROM ad_spend')).toEqual([
      { cents: 180_000 * 999 },
    ])
  })
})

describe('an upload is refused', () => {
  const header = 'product_id,valid_from,cost'

  test.each([
    [
      'without a header',
      ['1,2,3', '4,5,6'],
      400,
      'the first row should name the columns product_id,valid_from,cost',
    ],
    ['without a column', ['product_id,cost', '1,2'], 400, 'valid_from is missing'],
    [
      'with a column twice',
      ['cost,product_id,valid_from,cost', '1,2,3,4'],
      400,
      'names the column cost twice',
    ],
    ['without rows', [header], 400, 'should have a header and rows'],
    ['without anything', [], 400, 'should have a header and rows'],
    ['with a quote that stands alone', [header, '1,2026-11-01,"2'], 400, 'the file is not CSV'],
    [
      'with more rows than the limit',
      [header, ...Array(200_001).fill('3,2026-11-01,1')],
      413,
      'at most 200000 rows',
    ],
    [
      'with more than ten megabytes',
      [header, ...Array(200_000).fill(`3,2026-11-01,${' '.repeat(40)}1`)],
      413,
      '10 MB',
    ],
  ])('%s', async (_name, lines, status, words) => {
    const answer = await uploadLines('costs', lines)
    expect([answer.status, answer.body.detail]).toEqual([status, expect.stringContaining(words)])
    expect(await count('imports')).toBe(0)
  })

  test('that grows beyond ten megabytes without having said so', async () => {
    const line = new TextEncoder().encode(`3,2026-11-01,1${' '.repeat(50_000)}\n`)
    let sent = 0
    const body = new ReadableStream({
      pull(controller) {
        if (sent === 0) controller.enqueue(new TextEncoder().encode(`${header}\n`))
        if (++sent > 250) controller.close()
        else controller.enqueue(line)
      },
    })
    expect((await backend.upload('/imports/costs', body)).status).toBe(413)
  })

  test('that is not UTF-8', async () => {
    const latin = Buffer.from('product_id,competitor,seen_on,price\n3,M\xfcller,2026-11-01,1', 'latin1')
    const { status, body } = await backend.upload('/imports/competitor-prices', latin)
    expect([status, body.detail]).toEqual([400, expect.stringContaining('should be UTF-8')])
  })

  test('of another kind, type or sender', async () => {
    expect((await upload('weather', 'a')).status).toBe(404)
    expect((await upload('constructor', 'a')).status).toBe(404)
    const json = { method: 'POST', headers: { 'content-type': 'application/json', 'x-ecomweb-actor': ADMIN } }
    expect((await backend.ask('/imports/costs', { ...json, body: '{}' })).status).toBe(415)
    const nobody = { method: 'POST', headers: { 'content-type': 'text/csv' }, body: `${header}\n` }
    expect((await backend.ask('/imports/costs', nobody)).status).toBe(401)
  })
})

test('imports are listed by page, the newest first', async () => {
  await backend.own.sql(`
    INSERT INTO imports (kind, rows, accepted, rejected, created_at)
    SELECT 'costs', n, n, 0, timestamptz '2026-11-01' + n * interval '1 hour' FROM generate_series(1, 25) AS n`)
  const { body } = await backend.ask('/imports?page=3&limit=10')
  expect((body.imports as { rows: number }[]).map(({ rows }) => rows)).toEqual([5, 4, 3, 2, 1])
  expect(body.pagination).toEqual({ page: 3, limit: 10, total: 25, pages: 3 })
  expect((await backend.ask('/imports?limit=1000')).status).toBe(400)
})
