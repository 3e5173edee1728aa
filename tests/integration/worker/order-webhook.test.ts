import { createHmac } from 'node:crypto'
import { ApplicationFailure } from '@temporalio/common'
import { pino } from 'pino'
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest'
import { httpClient } from '../../../apps/worker/http/client.ts'
import { orderWebhookActivities } from '../../../apps/worker/order-webhook/activities.ts'
import { type FlakyServer, oneByOne, startFlakyServer, status } from '../../unit/worker/http/flaky-server.ts'
import { aRequest, openShop, placed, type Shop } from '../orders/shop.ts'
import { openWorker, type TestWorker } from '../orders/workers.ts'

const secret = 'shared by these two'
const http = httpClient({ log: pino({ level: 'silent' }), sleep: async () => {}, attempts: 2 })
let shop: Shop
let worker: TestWorker
let server: FlakyServer

beforeAll(async () => {
  shop = await openShop()
  worker = openWorker(shop)
})
afterAll(async () => {
  http.close()
  worker.close()
  await shop.own.drop()
})
beforeEach(async () => {
  server = await startFlakyServer()
})
afterEach(() => server.down().catch(() => {}))

const activities = (now = new Date()) =>
  orderWebhookActivities({
    ...{ database: shop.own.open('service', 1), http, now: () => now },
    receiver: { url: server.url, secret },
  })

async function completedOrder() {
  const product = await shop.product(10)
  const { id } = await placed(shop.orders, aRequest(product, { quantity: 3 }))
  await worker.run(id)
  return { id, product }
}

test('the receiver is told what was sold, signed, and under an id that every attempt has', async () => {
  const { id, product } = await completedOrder()
  server.handle = oneByOne(status(502), status(200))
  const now = new Date('2026-03-04T05:06:07Z')
  expect(await activities(now).postOrderWebhook(id)).toBe('told')
  expect(server.asked).toHaveLength(2)
  for (const { method, headers, text } of server.asked) {
    const expected = createHmac('sha256', secret).update(text).digest('hex')
    expect([method, headers['x-ecomweb-signature']]).toEqual(['POST', `sha256=${expected}`])
    expect(headers['idempotency-key']).toBe(`order.completed.${id}`)
    expect(JSON.parse(text)).toEqual({
      version: 1,
      delivery: `order.completed.${id}`,
      sent_at: '2026-03-04T05:06:07.000Z',
      event: 'order.completed',
      order: {
        ...{ id, total_cents: 750, channel: 'web' },
        completed_at: expect.stringMatching(/^\d{4}-.*Z$/),
        items: [{ product_id: product, quantity: 3, price_cents: 250 }],
      },
    })
  }
})

test('whatever is not 2xx is tried again later, when the receiver says so', async () => {
  const { id } = await completedOrder()
  const failure = () =>
    activities()
      .postOrderWebhook(id)
      .then(
        () => Promise.reject(new Error('it was told')),
        (error: ApplicationFailure) => error,
      )
  server.handle = status(404)
  expect(await failure()).toMatchObject({ nonRetryable: false, message: 'the receiver answered 404' })
  server.handle = status(503, { 'Retry-After': '900' })
  expect(await failure()).toMatchObject({ nonRetryable: false, nextRetryDelay: 900_000 })
  await server.down()
  const refused = await failure()
  expect(refused).toBeInstanceOf(ApplicationFailure)
  expect(refused).toMatchObject({ nonRetryable: false, message: expect.stringMatching(/ECONNREFUSED/) })
})

test('an order is announced when it is completed, and a probe never is', async () => {
  const announced: string[] = []
  const telling = openWorker(shop, { announce: async (id) => void announced.push(id) })
  const product = await shop.product(10)
  const open = await placed(shop.orders, aRequest(product))
  const probe = await placed(shop.orders, aRequest(product, { probe: true }))
  const { id } = await completedOrder()
  await worker.run(probe.id)
  for (const order of [open.id, probe.id, id]) await telling.activities.announceOrder(order)
  expect(announced).toEqual([id])
  expect(await worker.activities.announceOrder(id)).toBe('nobody to tell')
  telling.close()
})
