import { afterAll, beforeAll, expect, test } from 'vitest'
import { hashOrder, toOrder } from '../../../apps/api/orders/request.ts'
import { aRequest, openShop, placed, type Shop } from './shop.ts'

let shop: Shop
let product: number

beforeAll(async () => {
  shop = await openShop()
  product = await shop.product(100)
})

afterAll(() => shop.own.drop())

const stored = async (id: string) =>
  (await shop.rows<{ channel: string; request_hash: string }>('orders', id))[0]

test('an order is kept with the channel that it came by, and with "web" where none is told', async () => {
  const body = { email: 'guest@example.com', items: [{ product_id: product, quantity: 1 }] }
  const plain = await placed(shop.orders, toOrder(body, { key: 'channel-none' }))
  const told = await placed(shop.orders, toOrder({ ...body, channel: 'social' }, { key: 'channel-told' }))
  expect([(await stored(plain.id))?.channel, (await stored(told.id))?.channel]).toEqual(['web', 'social'])
})

test('a retry by another link, or at a release without channels, finds the order as it was placed', async () => {
  const request = aRequest(product, { channel: 'social' })
  const order = await placed(shop.orders, request)
  const { email, items } = request
  // What the release before computes of the same request.
  expect((await stored(order.id))?.request_hash).toBe(hashOrder(email ?? '', items))
  expect(await shop.orders.place({ ...request, channel: 'web' })).toMatchObject({
    outcome: 'existing',
    sameRequest: true,
  })
  expect((await stored(order.id))?.channel).toBe('social')
})
