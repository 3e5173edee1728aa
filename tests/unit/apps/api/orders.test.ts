import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { hashOrder, idempotencyKey, toOrder } from '../../../../apps/api/orders/request.ts'
import { orderService } from '../../../../apps/api/orders/service.ts'
import { type Running, readJson, startApp } from './app.fixture.ts'
import { FakeOrders, noSurroundings, ORDER_ID } from './fakes.ts'

describe('an order request', () => {
  const body = (items: [number, number][], email = 'a@example.com') => ({
    email,
    items: items.map(([product_id, quantity]) => ({ product_id, quantity })),
  })

  const itemsOf = (items: [number, number][]) => toOrder(body(items), { key: 'key-12345' }).items

  test('has its products in the order of their ids, so that two orders never wait for each other', () => {
    const items = itemsOf([
      [9, 1],
      [2, 1],
      [5, 3],
    ])
    expect(items.map(({ productId }) => productId)).toEqual([2, 5, 9])
  })

  test('counts a product that is named twice once', () => {
    const items = itemsOf([
      [2, 1],
      [2, 4],
    ])
    expect(items).toEqual([{ productId: 2, quantity: 5 }])
  })

  test('has the same hash however it is written, and the one by which releases before know it', () => {
    const one = itemsOf([
      [1, 1],
      [2, 2],
    ])
    const other = itemsOf([
      [2, 1],
      [1, 1],
      [2, 1],
    ])
    expect(hashOrder('a@example.com', one)).toBe(hashOrder('a@example.com', other))
    expect(hashOrder('a@example.com', one)).toMatch(/^49ea77efd86c/)
  })

  test('comes from the web unless it says otherwise', () => {
    const channelOf = (given: object) =>
      toOrder({ ...body([[1, 1]]), ...given }, { key: 'key-12345' }).channel
    expect([channelOf({}), channelOf({ channel: 'search-ads' })]).toEqual(['web', 'search-ads'])
    for (const channel of ['', '-a', 'Search', 'a b', 'x'.repeat(33), 7]) {
      expect(() => channelOf({ channel })).toThrow('channel')
    }
  })

  test('needs an address of a guest, and none of somebody who is signed in', () => {
    const { items } = body([[1, 1]])
    expect(() => toOrder({ items }, { key: 'key-12345' })).toThrow('email')
    expect(toOrder({ items }, { key: 'key-12345', userId: 'anna' })).toMatchObject({ email: undefined })
  })

  test('has another hash for another address, product or quantity, and for a probe', () => {
    const hashes = [
      hashOrder('a@example.com', [{ productId: 1, quantity: 1 }]),
      hashOrder('b@example.com', [{ productId: 1, quantity: 1 }]),
      hashOrder('a@example.com', [{ productId: 2, quantity: 1 }]),
      hashOrder('a@example.com', [{ productId: 1, quantity: 2 }]),
      hashOrder('a@example.com', [{ productId: 11, quantity: 1 }]),
      hashOrder('a@example.com', [{ productId: 1, quantity: 1 }], true),
    ]
    expect(new Set(hashes).size).toBe(hashes.length)
  })

  test.each(['short', 'with space in it', 'x'.repeat(129), 'schlüssel-1'])('refuses the key %s', (key) => {
    expect(() => idempotencyKey(key)).toThrow('Idempotency-Key should be')
  })
})

describe('POST /api/orders', () => {
  let app: Running
  let orders: FakeOrders
  let committed: string[]

  beforeEach(async () => {
    orders = new FakeOrders()
    committed = []
    const placed = ({ id }: { id: string }) => void committed.push(id)
    app = await startApp({ orders: orderService(orders, { ...noSurroundings, placed }) })
  })
  afterEach(() => app.close())

  const order = async (body: unknown, key: string | undefined = 'key-12345') => {
    const headers = { 'content-type': 'application/json', ...(key && { 'idempotency-key': key }) }
    const response = await fetch(`${app.url}/api/orders`, {
      method: 'POST',
      headers,
      body: typeof body === 'string' ? body : JSON.stringify(body),
    })
    return { status: response.status, body: await readJson(response), headers: response.headers }
  }
  const one = { email: 'a@example.com', items: [{ product_id: 1, quantity: 1 }] }

  test('answers 201 the first time and 200 with the same order afterwards', async () => {
    const first = await order(one)
    const second = await order(one)
    expect([first.status, second.status]).toEqual([201, 200])
    expect(second.body).toEqual(first.body)
  })

  test('does what follows an order once', async () => {
    await order(one)
    await order(one)
    expect(committed).toEqual([ORDER_ID])
  })

  test('takes an order for a probe only by the header that the edge lets through', async () => {
    for (const [key, mark] of [
      ['key-probe', '1'],
      ['key-other', 'yes'],
      ['key-plain', undefined],
    ] as const) {
      const headers = { 'content-type': 'application/json', 'idempotency-key': key }
      await fetch(`${app.url}/api/orders`, {
        method: 'POST',
        headers: { ...headers, ...(mark && { 'x-ecomweb-probe': mark }) },
        body: JSON.stringify(one),
      })
    }
    expect([...orders.placed.values()].map(({ probe }) => probe)).toEqual([true, false, false])
  })

  test('refuses another order under the same key', async () => {
    await order(one)
    const { status, body } = await order({ ...one, email: 'b@example.com' })
    expect(status).toBe(422)
    expect(body.error).toContain('another order')
  })

  test.each([
    ['a product that does not exist', { ...one, items: [{ product_id: 404, quantity: 1 }] }, 404],
    ['a product that is sold out', { ...one, items: [{ product_id: 7, quantity: 1 }] }, 409],
    ['no product', { ...one, items: [] }, 400],
    ['half a product', { ...one, items: [{ product_id: 1, quantity: 0.5 }] }, 400],
    ['no address', { items: one.items }, 400],
    ['something that is not JSON', '{', 400],
    ['far too much', { ...one, padding: 'x'.repeat(70_000) }, 413],
  ])('answers %s with an error in JSON', async (_name, body, status) => {
    const answer = await order(body)
    expect(answer.status).toBe(status)
    expect(answer.body).toMatchObject({ error: expect.any(String) })
  })

  test('does not tell whose order a key belongs to', async () => {
    await order(one)
    const other = await order({ ...one, email: 'b@example.com' })
    expect(await order(one, 'taken-key')).toMatchObject({ status: 422, body: { error: other.body.error } })
  })

  test('requires a key', async () => {
    const { status, body } = await order(one, '')
    expect([status, body.error]).toEqual([
      400,
      'the header Idempotency-Key is required: one key for each order',
    ])
  })

  test('answers 503 when the database is lost', async () => {
    orders.failure = Object.assign(new Error('connect'), { code: 'ECONNREFUSED' })
    const { status, body, headers } = await order(one)
    expect([status, headers.get('retry-after')]).toEqual([503, '1'])
    expect(body.error).toContain('not reachable')
  })

  test('answers 503 when the database had no time for it', async () => {
    orders.failure = Object.assign(new Error('canceling statement'), { cause: { originalCode: '57014' } })
    const { status, body, headers } = await order(one)
    expect([status, headers.get('retry-after')]).toEqual([503, '1'])
    expect(body.error).toContain('too busy')
  })

  test('tells nobody about a defect', async () => {
    orders.failure = new Error('password=hunter2')
    expect(await order(one)).toMatchObject({ status: 500, body: { error: 'internal error' } })
  })

  test('GET /api/orders/:id finds an order, and says which one it cannot find', async () => {
    expect((await fetch(`${app.url}/api/orders/${ORDER_ID}`)).status).toBe(200)
    const missing = await fetch(`${app.url}/api/orders/12`)
    expect([missing.status, await missing.json()]).toMatchObject([404, { error: 'there is no order 12' }])
  })
})
