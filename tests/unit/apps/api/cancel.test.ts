import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { orderService } from '../../../../apps/api/orders/service.ts'
import { type Running, startApp } from './app.fixture.ts'
import { anOrder, FakeOrders, noSurroundings, ORDER_ID } from './fakes.ts'

describe('POST /api/orders/:id/cancel', () => {
  let app: Running
  let orders: FakeOrders
  let announced: string[]

  beforeEach(async () => {
    orders = new FakeOrders()
    announced = []
    const takenBack = ({ id }: { id: string }, by: string) => void announced.push(`${by} ${id}`)
    app = await startApp({ orders: orderService(orders, { ...noSurroundings, takenBack }) })
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
    expect(announced).toEqual([`cancel ${ORDER_ID}`])
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
      { principal: undefined, key: 'key-12345', probe: false },
      { principal: undefined, key: undefined, probe: true },
    ])
  })
})
