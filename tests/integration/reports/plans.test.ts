import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Database } from '../../../apps/core/database.ts'
import { rangeOf } from '../../../apps/reports/reports/range.ts'
import { salesByDay } from '../../../apps/reports/reports/sales.ts'
import { soldByProductAndDay } from '../../../apps/reports/reports/sql.ts'
import { type OwnDatabase, ownDatabase } from '../database.ts'
import { planOf } from '../plan.ts'

let own: OwnDatabase
let database: Database

/** A line each, over a year and a half; each 50th was refunded. */
const ORDERS = 200_000

beforeAll(async () => {
  own = await ownDatabase()
  await own.sql(`
    INSERT INTO orders (email, status, total_cents, idempotency_key, request_hash, created_at, paid_at, refunded_at)
    SELECT 'c' || n % 40000 || '@example.com', CASE WHEN n % 50 = 0 THEN 'refunded' ELSE 'completed' END, 1000,
      'k' || n, '', moment, moment, CASE WHEN n % 50 = 0 THEN moment + interval '3 days' END
    FROM generate_series(1, ${ORDERS}) AS n,
      LATERAL (SELECT timestamptz '2026-11-15' - n * interval '4 minutes' AS moment) AS moments`)
  await own.sql(`
    INSERT INTO order_items (order_id, product_id, quantity, price_cents)
    SELECT id, 1 + row_number() OVER () % 12, 1, 1000 FROM orders`)
  await own.sql('VACUUM ANALYZE orders, order_items')
  database = own.open('service')
})

afterAll(() => own.drop())

const month = rangeOf({ from: '2026-10-01', to: '2026-10-31' }, new Date())
const week = rangeOf({ from: '2026-10-01', to: '2026-10-07' }, new Date())

test.each([
  ['sales by day', salesByDay(week)],
  ['products by day', soldByProductAndDay(week)],
])('%s of a week of many reads the orders of that week, and their items, only', async (_name, statement) => {
  const plan = await planOf(database, statement)
  expect(plan.join()).toMatch(/Index Scan orders_paid_at_idx/)
  expect(plan).not.toContain('Seq Scan')
})

test('refunds of a month, which no index orders, are looked for among the refunded orders only', async () => {
  expect((await planOf(database, salesByDay(month))).join()).toMatch(
    /Index Scan orders_status_created_at_idx/,
  )
})

test('years are read at once: whoever sees every order has none of them looked up for each of its items', async () => {
  const years = rangeOf({ from: '2024-11-16', to: '2026-11-15' }, new Date())
  for (const statement of [salesByDay(years), soldByProductAndDay(years)]) {
    const plan = await planOf(database, statement)
    expect(plan).toContain('Hash Join')
    expect(plan.filter((node) => /Index.* order(s|_items)_pkey/.test(node))).toEqual([])
  }
})
