import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import express from 'express'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { authenticate, type Principal } from '../../../../apps/api/auth/principal.ts'
import { answerError, HttpError } from '../../../../apps/api/errors.ts'
import { toSteps } from '../../../../apps/api/orders/progress.ts'
import { adminOrderRoutes, orderRoutes } from '../../../../apps/api/orders/routes.ts'
import { orderService } from '../../../../apps/api/orders/service.ts'
import type { Step } from '../../../../apps/core/fulfilment.ts'
import { anOrder, FakeOrders, noSurroundings, ORDER_ID } from './fakes.ts'

const people: Record<string, Principal> = {
  anna: { id: '00000000-0000-4000-8000-00000000000a', role: 'user' },
  boss: { id: '00000000-0000-4000-8000-00000000000f', role: 'admin' },
}

let server: Server
let url: string
let orders: FakeOrders
let takenBack: string[]
let running: Step[] | undefined

beforeEach(async () => {
  orders = new FakeOrders()
  takenBack = []
  running = undefined
  const service = orderService(orders, {
    ...noSurroundings,
    takenBack: ({ id }, by) => void takenBack.push(`${by} ${id}`),
    progress: async () => running,
  })
  const verify = async (token: string) => {
    const principal = people[token]
    if (!principal) throw new HttpError(401, 'unknown token')
    return principal
  }
  const app = express()
    .use(authenticate({ verify }))
    .use('/api/orders', orderRoutes(service))
    .use('/api/admin/orders', adminOrderRoutes(service))
    .use(answerError)
  server = createServer(app)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/api`
})

afterEach(() => {
  server.close()
  server.closeAllConnections()
})

const ask = async (path: string, who?: string, method = 'GET') => {
  const headers = who ? { authorization: `Bearer ${who}` } : {}
  const response = await fetch(`${url}${path}`, { method, headers })
  return { status: response.status, body: (await response.json()) as Record<string, unknown> }
}

describe('GET /api/orders', () => {
  test('lists one’s own orders page by page, an administrator’s too', async () => {
    const { status, body } = await ask('/orders?page=2', 'anna')
    expect([status, body]).toEqual([
      200,
      { orders: [anOrder()], pagination: { page: 2, limit: 20, total: 41, pages: 3 } },
    ])
    await ask('/orders', 'boss')
    expect(orders.asked).toEqual([
      { userId: people.anna?.id, page: 2, limit: 20 },
      { userId: people.boss?.id, page: 1, limit: 20 },
    ])
  })

  test.each(['page=0', 'limit=101', 'limit=x'])('refuses %s', async (query) => {
    expect((await ask(`/orders?${query}`, 'anna')).status).toBe(400)
  })

  test('is for those who are signed in', async () => {
    expect((await ask('/orders')).status).toBe(401)
    expect(orders.asked).toEqual([])
  })
})

test('GET /api/orders/:id looks in the name of whoever asks', async () => {
  await ask(`/orders/${ORDER_ID}`, 'anna')
  await ask(`/orders/${ORDER_ID}`)
  expect(orders.asked).toEqual([people.anna, undefined])
})

test('POST /api/orders takes the address of a user for granted, and that of a guest not', async () => {
  const place = (key: string, headers: Record<string, string>) =>
    fetch(`${url}/orders`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'idempotency-key': key, ...headers },
      body: JSON.stringify({ items: [{ product_id: 1, quantity: 1 }] }),
    })
  expect((await place('key-of-anna', { authorization: 'Bearer anna' })).status).toBe(201)
  expect((await place('key-of-guest', {})).status).toBe(400)
  expect([...orders.placed.values()]).toMatchObject([{ userId: people.anna?.id, email: undefined }])
})

describe('GET /api/admin/orders', () => {
  test('lists everybody’s for administrators, of one status if wanted', async () => {
    const { body } = await ask('/admin/orders?status=paid&limit=5', 'boss')
    expect(body.orders).toEqual([{ ...anOrder(), user_id: null }])
    expect(orders.asked).toEqual([{ page: 1, limit: 5, status: 'paid' }])
    expect((await ask('/admin/orders?status=lost', 'boss')).status).toBe(400)
  })

  test('is for nobody else', async () => {
    expect([(await ask('/admin/orders')).status, (await ask('/admin/orders', 'anna')).status]).toEqual([
      401, 403,
    ])
  })
})

describe('POST /api/orders/:id/refund', () => {
  const refund = (who?: string, id = ORDER_ID) => ask(`/orders/${id}/refund`, who, 'POST')

  test('answers the order and has its money given back once, however often it is asked', async () => {
    const first = await refund('boss')
    orders.refunding = { outcome: 'already refunded', order: anOrder() }
    expect([first, await refund('boss')]).toEqual(Array(2).fill({ status: 200, body: { order: anOrder() } }))
    expect(takenBack).toEqual([`refund ${ORDER_ID}`])
  })

  test('is for administrators', async () => {
    expect([(await refund()).status, (await refund('anna')).status, takenBack]).toEqual([401, 403, []])
  })

  test('needs an order that is completed', async () => {
    orders.refunding = { outcome: 'not completed' }
    expect((await refund('boss')).status).toBe(409)
    orders.refunding = { outcome: 'unknown' }
    expect((await refund('boss')).status).toBe(404)
    expect((await refund('boss', 'events')).status).toBe(404)
  })
})

describe('GET /api/orders/:id/progress', () => {
  test('asks the workflow of an order that is under way, and goes by the tables where that is silent', async () => {
    const progress = async () => (await ask(`/orders/${ORDER_ID}/progress`)).body.steps
    expect(await progress()).toEqual(orders.running.steps)
    running = [{ name: 'pay', state: 'running' }]
    expect(await progress()).toEqual(running)
    orders.running = { open: false, steps: [] }
    expect(await progress()).toEqual([])
  })

  test('knows no order that was never placed', async () => {
    expect((await ask('/orders/00000000-0000-4000-8000-000000000009/progress')).status).toBe(404)
  })

  test('shows an order that a release before carried out in one step as done', () => {
    const at = new Date(0)
    const steps = toSteps({
      ...{ status: 'completed', createdAt: at, paidAt: null, completedAt: at, cancelledAt: null },
      ...{ failure: null, payment: null, mails: [] },
    })
    expect(steps.map(({ state }) => state)).toEqual(['done', 'done', 'done', 'done'])
  })
})
