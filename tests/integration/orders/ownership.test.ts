import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Principal } from '../../../apps/api/auth/principal.ts'
import { lookFor } from '../../../apps/api/orders/access.ts'
import { asActor } from '../../../apps/core/database.ts'
import { aRequest, openShop, placed, type Shop } from './shop.ts'

let shop: Shop
let anna: Principal
let bert: Principal
let admin: Principal
let product: number

beforeAll(async () => {
  shop = await openShop()
  anna = await shop.user()
  bert = await shop.user()
  admin = await shop.user('admin')
  product = await shop.product(1000)
})

afterAll(() => shop.own.drop())

const orderOf = (user: Principal | undefined) =>
  placed(shop.orders, aRequest(product, user && { userId: user.id, email: undefined }))

describe('an order', () => {
  test('of a user goes to their address and is found by them and administrators', async () => {
    const order = await orderOf(anna)
    expect(order).toMatchObject({ email: `${anna.id}@example.com`, status: 'pending', paid_at: null })
    expect(await shop.orders.find(order.id, anna)).toEqual(order)
    expect(await shop.orders.find(order.id, admin)).toEqual(order)
    for (const somebody of [bert, undefined]) {
      expect(await shop.orders.find(order.id, somebody)).toBeNull()
      expect(await shop.orders.progress(order.id, somebody)).toBeNull()
    }
  })

  test('of a guest is found by whoever knows its id, signed in or not', async () => {
    const order = await orderOf(undefined)
    for (const somebody of [undefined, anna, admin]) {
      expect(await shop.orders.find(order.id, somebody)).toEqual(order)
    }
    expect(await shop.orders.find(order.id.toUpperCase(), undefined)).toEqual(order)
  })

  test('names the address that is given, and cannot be placed by a user who is gone', async () => {
    const { email } = await placed(
      shop.orders,
      aRequest(product, { userId: anna.id, email: 'x@example.com' }),
    )
    expect(email).toBe('x@example.com')
    const gone = aRequest(product, { userId: randomUUID(), email: undefined })
    expect(await shop.orders.place(gone)).toEqual({ outcome: 'unknown user' })
  })
})

test('a look-up that forgets its filter still shows a user nothing but their own orders', async () => {
  await Promise.all([orderOf(anna), orderOf(bert), orderOf(undefined)])
  const database = shop.own.open()
  const ids = await lookFor(database, randomUUID(), anna, (transaction) =>
    transaction.order.findMany({ select: { userId: true } }),
  )
  expect(new Set(ids?.map(({ userId }) => userId))).toEqual(new Set([anna.id]))
  const byGuest = await lookFor(database, randomUUID(), undefined, (transaction) =>
    transaction.order.findMany(),
  )
  expect(byGuest).toEqual([])
})

test('payments and mails are seen by whom their order is seen by', async () => {
  const { id } = await orderOf(anna)
  await shop.own.sql(
    `INSERT INTO payments (order_id, amount_cents, status, reference) VALUES ('${id}', 1, 'taken', 'x')`,
  )
  await shop.own.sql(
    `INSERT INTO mails (order_id, kind, recipient, subject, body) VALUES ('${id}', 'confirmation', 'x', 'x', 'x')`,
  )
  const database = shop.own.open()
  const seenBy = ({ id }: Principal) =>
    asActor(database, `user:${id}`, async (transaction) => [
      await transaction.payment.count(),
      await transaction.mail.count(),
    ])
  expect([await seenBy(anna), await seenBy(bert)]).toEqual([
    [1, 1],
    [0, 0],
  ])
})

test('a list has one’s own orders, newest first, page by page; the one of administrators has all', async () => {
  const carl = await shop.user()
  const ids: string[] = []
  for (let count = 0; count < 5; count++) ids.unshift((await orderOf(carl)).id)
  const [first, last] = await Promise.all([1, 3].map((page) => shop.orders.list(carl.id, { page, limit: 2 })))
  expect(first).toMatchObject({ total: 5, orders: [{ id: ids[0] }, { id: ids[1] }] })
  expect(last).toMatchObject({
    total: 5,
    orders: [{ id: ids[4], items: [{ product_id: product, name: 'Thing' }] }],
  })

  const all = await shop.orders.listAll({ page: 1, limit: 100 })
  expect(all.orders.slice(0, 5).map(({ id, user_id }) => [id, user_id])).toEqual(
    ids.map((id) => [id, carl.id]),
  )
  expect(all.orders.some(({ user_id }) => user_id === null)).toBe(true)
  expect(await shop.orders.listAll({ page: 1, limit: 1, status: 'refunded' })).toEqual({
    orders: [],
    total: 0,
  })
})

describe('an Idempotency-Key', () => {
  test('belongs to whoever used it first, and tells nobody else more than that', async () => {
    const people = [anna, bert, undefined].map((user) => ({ userId: user?.id, email: 'same@example.com' }))
    for (const owner of people) {
      const first = aRequest(product, owner)
      const order = await placed(shop.orders, first)
      const stock = await shop.stock(product)
      for (const other of people) {
        const answer = await shop.orders.place({ ...first, ...other })
        if (other === owner) expect(answer).toEqual({ outcome: 'existing', order, sameRequest: true })
        else expect(answer).toEqual({ outcome: 'key of somebody else' })
      }
      expect(await shop.stock(product)).toBe(stock)
    }
  })

  test('makes one order of many at the same moment, also of several people', async () => {
    const before = await shop.stock(product)
    const request = aRequest(product, { userId: anna.id })
    const people = Array.from({ length: 12 }, (_, number) =>
      number % 3 === 0 ? { ...request, userId: bert.id } : request,
    )
    const answers = await Promise.all(people.map((one) => shop.orders.place(one)))
    const created = answers.filter(({ outcome }) => outcome === 'created')
    expect(created).toHaveLength(1)
    expect(await shop.stock(product)).toBe(before - 1)
    const owner = people[answers.findIndex(({ outcome }) => outcome === 'created')]?.userId
    answers.forEach(({ outcome }, index) => {
      if (people[index]?.userId !== owner) expect(outcome).toBe('key of somebody else')
      else expect(['created', 'existing']).toContain(outcome)
    })
  })

  test('answers what was ordered before also when its product has left the shop', async () => {
    const gone = await shop.product(5)
    const request = aRequest(gone)
    const order = await placed(shop.orders, request)
    await shop.own.sql('UPDATE products SET archived_at = now() WHERE id = $1', [gone])
    expect(await shop.orders.place(request)).toMatchObject({ outcome: 'existing', order: { id: order.id } })
    expect(await shop.orders.place(aRequest(gone))).toEqual({ outcome: 'unknown product', productId: gone })
  })

  test('stays free when its order was refused', async () => {
    const scarce = await shop.product(1)
    const request = aRequest(scarce, { quantity: 2 })
    expect(await shop.orders.place(request)).toEqual({ outcome: 'out of stock', productId: scarce })
    expect(await shop.orders.place(aRequest(scarce, { key: request.key }))).toMatchObject({
      outcome: 'created',
    })
  })
})

test('the event of an order says whose it is and what is left in stock', async () => {
  const own = await shop.product(9)
  const { id } = await placed(shop.orders, aRequest(own, { userId: anna.id, quantity: 2 }))
  expect(await shop.events(id)).toEqual([
    {
      event: 'order.created',
      user_id: anna.id,
      payload: {
        ...{ order_id: id, status: 'pending', at: expect.any(String), user_id: anna.id },
        stock: [{ product_id: own, stock: 7 }],
      },
    },
  ])
  const probe = await placed(shop.orders, aRequest(own, { probe: true }))
  expect((await shop.events(probe.id))[0]?.payload).toEqual({
    ...{ order_id: probe.id, status: 'pending', at: expect.any(String), probe: true },
  })
})
