import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { cancel } from '../../../../apps/api/orders/cancel.ts'
import { orderService } from '../../../../apps/api/orders/service.ts'
import type { Database } from '../../../../apps/core/database.ts'
import { type Running, startApp } from './app.fixture.ts'
import { anOrder, FakeOrders, ORDER_ID } from './fakes.ts'

describe('POST /api/orders/:id/cancel', () => {
  let app: Running
  let orders: FakeOrders
  let announced: string[]

  beforeEach(async () => {
    orders = new FakeOrders()
    announced = []
    const cancelled = ({ id }: { id: string }) => void announced.push(id)
    app = await startApp({ orders: orderService(orders, { placed: () => {}, cancelled }) })
  })
  afterEach(() => app.close())

  const ask = async (id = ORDER_ID, headers: Record<string, string> = {}) => {
    const response = await fetch(`${app.url}/api/orders/${id}/cancel`, { method: 'POST', headers })
    return { status: response.status, body: (await response.json()) as { error?: string; order?: unknown } }
  }

  test('answers the order and says so to others once, however often it is asked', async () => {
    const first = await ask()
    orders.cancelling = { outcome: 'already cancelled', order: anOrder() }
    expect([first, await ask()]).toEqual(Array(2).fill({ status: 200, body: { order: anOrder() } }))
    expect(announced).toEqual([ORDER_ID])
  })

  test.each([
    ['not theirs', 403, 'Idempotency-Key'],
    ['unknown', 404, 'no order'],
    ['completed', 409, 'completed'],
  ] as const)('answers an order that is %s with %i', async (outcome, status, words) => {
    orders.cancelling = { outcome }
    expect(await ask()).toMatchObject({ status, body: { error: expect.stringContaining(words) } })
    expect(announced).toEqual([])
  })

  test('never asks the database for what is no id', async () => {
    expect((await ask('events')).status).toBe(404)
    expect(orders.asked).toEqual([])
  })

  test('goes by the key and the mark of probes in the headers', async () => {
    await ask(ORDER_ID, { 'idempotency-key': 'key-12345' })
    await ask(ORDER_ID, { 'x-ecomweb-probe': '1' })
    expect(orders.asked).toEqual([
      { key: 'key-12345', probe: false },
      { key: undefined, probe: true },
    ])
  })
})

/** A database with one order; every statement that changes something is written down. */
const table = (stored: { status: string; probe: boolean } | null, meanwhile: () => void = () => {}) => {
  const row = stored && {
    ...{ id: ORDER_ID, email: 'a@example.com', totalCents: 1, createdAt: new Date(0), completedAt: null },
    ...{ idempotencyKey: 'key-12345', requestHash: '', completions: 0 },
    ...{ items: [2, 5].map((productId) => ({ productId, quantity: 3, priceCents: 1 })) },
    ...stored,
  }
  const changes: string[] = []
  const transaction = {
    order: {
      findUnique: async () => (row ? { ...row } : null),
      findUniqueOrThrow: async () => row,
      updateMany: async ({ where, data }: { where: { status: { in: string[] } }; data: object }) => {
        meanwhile()
        if (!row || !where.status.in.includes(row.status)) return { count: 0 }
        Object.assign(row, data)
        return { count: 1 }
      },
    },
    $executeRaw: async (parts: TemplateStringsArray, ...values: unknown[]) =>
      changes.push(`${parts.join('?')} ${values.join(' ')}`),
  }
  const database = { ...transaction, $transaction: (run: (given: object) => unknown) => run(transaction) }
  return { row, changes, database: database as unknown as Database }
}

describe('cancelling', () => {
  const owner = { key: 'key-12345', probe: false }
  const kit = { key: undefined, probe: true }

  test('gives the stock of a pending order back once', async () => {
    const { database, changes, row } = table({ status: 'pending', probe: false })
    expect(await cancel(database, ORDER_ID, owner)).toMatchObject({ outcome: 'cancelled' })
    expect(await cancel(database, ORDER_ID, owner)).toMatchObject({ outcome: 'already cancelled' })
    expect(row?.status).toBe('cancelled')
    expect(changes).toEqual([
      expect.stringMatching(/stock = stock \+ \? .* 3 2$/),
      expect.stringMatching(/stock = stock \+ \? .* 3 5$/),
      expect.stringMatching(/INSERT INTO outbox[\s\S]*order\.cancelled/),
    ])
  })

  test.each(['pending', 'completed'])('takes a %s probe back, which has taken no stock', async (status) => {
    const { database, changes } = table({ status, probe: true })
    const { outcome, order } = (await cancel(database, ORDER_ID, kit)) as { outcome: string; order: object }
    expect([outcome, order]).toEqual(['cancelled', expect.objectContaining({ probe: true })])
    expect(changes).toEqual([expect.stringContaining('"probe":true')])
  })

  test.each([
    ['an order without its key', { status: 'pending', probe: false }, { key: undefined, probe: false }],
    [
      'an order with the key of another',
      { status: 'pending', probe: false },
      { key: 'other-1', probe: false },
    ],
    ['the order of a customer as if it were a probe', { status: 'pending', probe: false }, kit],
    ['a probe without its mark', { status: 'pending', probe: true }, { key: undefined, probe: false }],
  ])('never takes back %s', async (_, stored, by) => {
    const { database, changes } = table(stored)
    expect(await cancel(database, ORDER_ID, by)).toEqual({ outcome: 'not theirs' })
    expect(changes).toEqual([])
  })

  test('knows no order that was never placed', async () => {
    expect(await cancel(table(null).database, ORDER_ID, owner)).toEqual({ outcome: 'unknown' })
  })

  test('comes too late for an order that a worker completes at that moment', async () => {
    const { database, changes, row } = table({ status: 'pending', probe: false }, () => {
      if (row) row.status = 'completed'
    })
    expect(await cancel(database, ORDER_ID, owner)).toEqual({ outcome: 'completed' })
    expect(changes).toEqual([])
  })
})
