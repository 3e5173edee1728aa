import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest'
import { type Backend, startBackend } from './backend.ts'

let backend: Backend

beforeAll(async () => {
  backend = await startBackend()
})
afterAll(() => backend?.close())

/** An order of one piece, by an address that nobody has had. */
let sold = 0
async function sell(given: Partial<Record<'email' | 'channel' | 'paid' | 'refunded', string>> = {}) {
  const number = ++sold
  const { email = `guest-${number}@example.com`, channel = 'web', paid, refunded } = given
  await backend.own.sql(
    `WITH placed AS (
       INSERT INTO orders (email, channel, status, total_cents, idempotency_key, request_hash, paid_at, refunded_at)
       VALUES ($1, $2, $3, 1500, $4, '', $5, $6) RETURNING id)
     INSERT INTO order_items (order_id, product_id, quantity, price_cents) SELECT id, 3, 1, 1500 FROM placed`,
    [email, channel, refunded ? 'refunded' : 'completed', `key-${number}`, paid ?? null, refunded ?? null],
  )
}

beforeEach(async () => {
  await backend.own.sql('TRUNCATE orders CASCADE')
  await backend.redis.flushdb()
})

const read = async (report: string, query = 'from=2026-11-01&to=2026-11-10') =>
  (await backend.ask(`/reports/${report}?${query}`)).body as {
    totals: Record<string, number>
    days: { day: string; orders: number; revenue_cents: number; refunded_cents: number }[]
  }

describe('a report', () => {
  test('begins a day at midnight in UTC and ends it before the next', async () => {
    await sell({ paid: '2026-10-31T23:59:59.999Z' })
    await sell({ paid: '2026-11-01T00:00:00Z' })
    await sell({ paid: '2026-11-10T23:59:59.999Z' })
    await sell({ paid: '2026-11-11T00:00:00Z' })
    const { totals, days } = await read('sales')
    expect(totals.orders).toBe(2)
    expect([days[0], days.at(-1)]).toMatchObject([
      { day: '2026-11-01', orders: 1 },
      { day: '2026-11-10', orders: 1 },
    ])
  })

  test('counts a refund when it was made, also in a time that sold nothing', async () => {
    await sell({ paid: '2026-10-05T10:00:00Z', refunded: '2026-11-02T10:00:00Z' })
    const { totals } = await read('sales')
    expect(totals).toMatchObject({ orders: 0, revenue_cents: 0, refunded_cents: 1500, average_cents: null })
    expect((await read('sales', 'from=2026-10-01&to=2026-10-31')).totals).toMatchObject({
      ...{ orders: 1, revenue_cents: 1500, refunded_cents: 0, average_cents: 1500 },
    })
  })

  test('takes an address in capitals for the same customer', async () => {
    await sell({ email: 'anna@example.com', paid: '2026-09-01T10:00:00Z' })
    await sell({ email: 'Anna@Example.com', paid: '2026-11-02T10:00:00Z' })
    expect((await read('customers')).totals).toEqual({
      ...{ customers: 1, new_customers: 0, returning_customers: 1, repeat_percent: 100 },
    })
  })

  test('of a shop without orders has its days, and nothing divided by nothing', async () => {
    expect((await read('sales')).days).toHaveLength(10)
    expect((await read('margin')).totals.margin_percent).toBeNull()
    expect((await read('advertising')).totals.return_on_spend).toBeNull()
    expect((await read('customers')).totals.repeat_percent).toBeNull()
    expect((await backend.ask('/reports/products')).body.products).toEqual([])
  })

  test('covers the last 30 days unless it is told otherwise', async () => {
    expect(await read('sales', '')).toMatchObject({ from: '2026-10-17', to: '2026-11-15' })
  })

  test.each([
    ['sales', 'from=2026-13-01', 'from: is no day of the calendar'],
    ['sales', 'from=2026-02-30', 'from: is no day of the calendar'],
    ['sales', 'to=yesterday', 'to: should be a day as YYYY-MM-DD'],
    ['sales', 'from=2026-11-02&to=2026-11-01', 'from: should not be after "to"'],
    ['sales', 'from=2024-11-15&to=2026-11-16', 'from: a report covers at most 731 days'],
    ['sales', 'from=1999-12-31', 'from: should be from 2000 to 2099'],
    ['margin', 'format=xlsx', 'format: '],
    ['margin', 'format=csv&table=weeks', 'table: should be days'],
  ])('of %s with %s is refused in words', async (report, query, words) => {
    const { status, headers, body } = await backend.ask(`/reports/${report}?${query}`)
    expect([status, headers.get('content-type')]).toEqual([400, 'application/problem+json'])
    expect(body.detail).toContain(words)
  })

  test('that there is not, and a method that there is not, are said so in JSON', async () => {
    const missing = await backend.ask('/reports/weather')
    expect([missing.status, missing.body.error]).toEqual([
      404,
      'there is no report weather, but sales, products, customers, margin, advertising',
    ])
    const wrong = await backend.ask('/reports/sales', { method: 'DELETE' })
    expect([wrong.status, wrong.headers.get('allow')]).toEqual([405, 'GET, HEAD'])
  })
})

describe('a computed report', () => {
  const path = '/reports/sales?from=2026-11-01&to=2026-11-10'
  const look = async () => {
    const { headers, body } = await backend.ask(path)
    return [headers.get('x-cache'), (body.totals as { orders: number }).orders]
  }

  test('is kept for five minutes', async () => {
    await look() // Redis was emptied: the first look begins a new version
    expect(await look()).toEqual(['miss', 0])
    await sell({ paid: '2026-11-02T10:00:00Z' })
    await expect.poll(look).toEqual(['hit', 0])
    const keys = await backend.redis.keys(`${backend.own.name}:answer:*`)
    expect(await backend.redis.ttl(keys[0] ?? '')).toBeGreaterThan(290)
  })

  test('is computed each time while Redis is away', async () => {
    await backend.redis.disconnect()
    expect(await look()).toEqual(['miss', 0])
    await sell({ paid: '2026-11-02T10:00:00Z' })
    expect(await look()).toEqual(['miss', 1])
    await backend.redis.connect()
  })

  test('is computed twice at most for all who ask at the same time', async () => {
    await sell({ paid: '2026-11-02T10:00:00Z' })
    const compute = backend.database.$transaction.bind(backend.database) as (work: unknown) => unknown
    const before = backend.asked()
    // The first one is not through before all have asked.
    const computing = vi.spyOn(backend.database, '$transaction').mockImplementationOnce((async (
      work: unknown,
    ) => {
      await expect.poll(() => backend.asked() - before).toBe(8)
      return compute(work)
    }) as never)
    const answers = await Promise.all(Array.from({ length: 8 }, () => backend.ask(path)))
    expect(new Set(answers.map(({ text }) => text)).size).toBe(1)
    expect(computing.mock.calls.length).toBeLessThanOrEqual(2)
    computing.mockRestore()
  })
})
