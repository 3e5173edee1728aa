import { parse } from 'csv-parse/sync'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Backend, startBackend } from './backend.ts'
import * as expected from './expected.ts'
import { generateShop, store } from './generated.ts'

const shop = generateShop(20_261_115, 1500)
let backend: Backend

beforeAll(async () => {
  // Days are those of UTC, whatever the database takes for its own.
  backend = await startBackend({ timezone: 'Pacific/Auckland' })
  await store(backend.own, shop)
})

afterAll(() => backend?.close())

const ranges = [
  ['all of it', { from: '2026-08-01', to: '2026-11-15' }],
  ['some weeks in two months', { from: '2026-09-11', to: '2026-10-04' }],
  ['one day', { from: '2026-10-17', to: '2026-10-17' }],
  ['two years, most of them empty', { from: '2024-11-16', to: '2026-11-15' }],
  ['a time before the first order', { from: '2026-05-01', to: '2026-05-03' }],
] as const

describe.each(ranges)('over %s', (_name, { from, to }) => {
  const read = async (report: string) => {
    const { status, body } = await backend.ask(`/reports/${report}?from=${from}&to=${to}`)
    expect(status).toBe(200)
    return body
  }
  const range = { from, to }

  test('sales are what was paid and refunded, day by day and by channel', async () => {
    expect(await read('sales')).toEqual(expected.expectedSales(shop, range))
  })

  test('products have the quantity, revenue and cost of their lines', async () => {
    expect(await read('products')).toEqual(expected.expectedProducts(shop, range))
  })

  test('customers are counted by address, and followed from their first month on', async () => {
    expect(await read('customers')).toEqual(expected.expectedCustomers(shop, range))
  })

  test('the margin is revenue with a known cost, less that cost and advertising', async () => {
    expect(await read('margin')).toEqual(expected.expectedMargin(shop, range))
  })

  test('advertising is set against the orders of its channels', async () => {
    expect(await read('advertising')).toEqual(expected.expectedAdvertising(shop, range))
  })
})

describe('as CSV', () => {
  const query = 'from=2026-08-20&to=2026-11-05'
  type Rows = Record<string, string | number | null>[]
  type Body = Record<'days' | 'channels' | 'products', Rows>

  const download = async (path: string) => {
    const { headers, text } = await backend.ask(`/reports/${path}&${query}`)
    expect(headers.get('content-type')).toBe('text/csv; charset=utf-8')
    const records = parse(text, {
      columns: true,
      cast: (value, { header }) => (header ? value : plain(value)),
    })
    return { file: headers.get('content-disposition'), records: records as Rows }
  }
  /** What a reader of the file takes a field for. */
  const plain = (value: string) => {
    if (value === '') return null
    return /^-?[\d.]+$/.test(value) ? Number(value) : value
  }
  const read = async (report: string) =>
    (await backend.ask(`/reports/${report}?${query}`)).body as unknown as Body

  test.each([
    ['sales', 'days'],
    ['sales', 'channels'],
    ['products', 'products'],
    ['margin', 'days'],
    ['advertising', 'channels'],
    ['advertising', 'days'],
  ] as const)('%s has every figure of its %s', async (report, table) => {
    const { file, records } = await download(`${report}?format=csv&table=${table}`)
    expect(file).toBe(`attachment; filename=${report}-2026-08-20-2026-11-05.csv`)
    const rows = (await read(report))[table]
    expect(rows.length).toBeGreaterThan(2)
    expect(records).toEqual(rows)
  })

  test('customers has a row for each month of each cohort', async () => {
    const { records } = await download('customers?format=csv')
    const { cohorts } = expected.expectedCustomers(shop, { from: '2026-08-20', to: '2026-11-05' })
    expect(records).toEqual(
      cohorts.flatMap(({ month, customers, months }) =>
        months.map((row) => ({ month, cohort_customers: customers, ...row })),
      ),
    )
  })
})

test('what is generated has each of the cases that are told apart', () => {
  const { products, orders, costs } = shop
  const has = (of: (order: (typeof orders)[number]) => boolean) => orders.filter(of).length
  const month = (date: Date | null) => date?.toISOString().slice(0, 7)
  expect(has(({ probe, paidAt }) => probe && paidAt !== null)).toBeGreaterThan(20)
  expect(has(({ paidAt }) => paidAt === null)).toBeGreaterThan(20)
  expect(
    has(({ paidAt, refundedAt }) => refundedAt !== null && month(paidAt) !== month(refundedAt)),
  ).toBeGreaterThan(20)
  expect(has(({ refundedAt, cancelled }) => refundedAt !== null && cancelled)).toBeGreaterThan(20)
  expect(has(({ paidAt, cancelled }) => paidAt === null && cancelled)).toBeGreaterThan(20)
  expect(has(({ email }) => email !== email.toLowerCase())).toBeGreaterThan(20)
  const changes = products.map(({ id }) => costs.filter(({ productId }) => productId === id).length)
  expect(new Set(changes)).toEqual(new Set([0, 1, 2, 3]))
  expect(products.some(({ archived }) => archived)).toBe(true)
})
