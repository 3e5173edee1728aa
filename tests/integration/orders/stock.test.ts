import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Placed } from '../../../apps/api/orders/place.ts'
import { type OrderRepository, orderRepository } from '../../../apps/api/orders/repository.ts'
import type { OrderRequest } from '../../../apps/api/orders/request.ts'
import { asActor } from '../../../apps/core/database.ts'
import { isDatabaseLost } from '../../../apps/core/database-lost.ts'
import { appendStock, readEvents } from '../../../apps/core/outbox.ts'
import { aRequest, openShop, placed, type Shop } from './shop.ts'

let shop: Shop

beforeAll(async () => {
  shop = await openShop()
})

afterAll(() => shop.own.drop())

const BUYERS = 200
const ITEMS = 50

/** As clients do who are told 503, which says that the pool of a process was busy for too long. */
async function persistently(orders: OrderRepository, request: OrderRequest): Promise<Placed> {
  for (;;) {
    try {
      return await orders.place(request)
    } catch (error) {
      if (!isDatabaseLost(error)) throw error
    }
  }
}

test.each([1, 2, 3])(
  '200 buyers at once buy exactly the 50 items that there are: time %i',
  async () => {
    const product = await shop.product(ITEMS)
    const users = await Promise.all(Array.from({ length: 10 }, () => shop.user()))
    // As two API processes, every other buyer signed in.
    const processes = [orderRepository(shop.own.open()), orderRepository(shop.own.open())]
    const answers = await Promise.all(
      Array.from({ length: BUYERS }, (_, number) => {
        const userId = number % 2 === 0 ? users[number % users.length]?.id : undefined
        return persistently(processes[number % 4 < 2 ? 0 : 1] ?? shop.orders, aRequest(product, { userId }))
      }),
    )
    const outcomes = Map.groupBy(answers, ({ outcome }) => outcome)
    expect([outcomes.get('created')?.length, outcomes.get('out of stock')?.length]).toEqual([
      ITEMS,
      BUYERS - ITEMS,
    ])
    expect(await shop.stock(product)).toBe(0)
    const [sold] = await shop.own.sql(
      'SELECT sum(quantity)::int AS sold FROM order_items WHERE product_id = $1',
      [product],
    )
    expect(sold).toEqual({ sold: ITEMS })
    // Their events say what was left after each, in this order.
    const events = await readEvents(shop.own.open(), 0n, 10_000)
    const left = events
      .flatMap(({ data }) => data.stock ?? [])
      .filter(({ product_id }) => product_id === product)
    expect(left.map(({ stock }) => stock)).toEqual(
      Array.from({ length: ITEMS }, (_, sold) => ITEMS - 1 - sold),
    )
  },
  60_000,
)

test('orders of the same products in any order never wait for each other in a circle', async () => {
  const products = await Promise.all([shop.product(100), shop.product(100)])
  const [one = 0, other = 0] = products
  const orders = orderRepository(shop.own.open(undefined, 10))
  const request = (first: number, second: number) => {
    const { items } = aRequest(first)
    const merged = [...items, { productId: second, quantity: 1 }].sort((a, b) => a.productId - b.productId)
    return { ...aRequest(first), items: merged }
  }
  await Promise.all(
    Array.from({ length: 20 }, async (_, number) => {
      const order = await placed(orders, number % 2 ? request(one, other) : request(other, one))
      await orders.cancel(order.id, {
        principal: { id: order.id, role: 'admin' },
        key: undefined,
        probe: false,
      })
    }),
  )
  expect(await Promise.all(products.map(shop.stock))).toEqual([100, 100])
})

test('an order that comes to more than its row can hold is refused, and takes no stock', async () => {
  const product = await shop.product(2_000_000_000)
  const refused = await shop.orders.place(
    aRequest(product, { items: [{ productId: product, quantity: 8_589_935 }] }),
  )
  expect([refused.outcome, await shop.stock(product)]).toEqual(['too dear', 2_000_000_000])
})

test('a change of stock without an order is an event of nobody', async () => {
  const at = new Date('2026-01-01T00:00:00Z')
  const stock = [{ product_id: 1, stock: 5 }]
  const database = shop.own.open()
  const [before] = await readEvents(database, 0n, 1)
  await asActor(database, 'admin', (transaction) => appendStock(transaction, stock, at))
  const events = await readEvents(database, before?.id ?? 0n, 10_000)
  expect(events.at(-1)).toEqual({
    ...{ id: expect.any(BigInt), event: 'stock.changed', userId: null },
    data: { stock, at: at.toISOString() },
  })
})
