import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { problem } from '../../../../apps/api/openapi/problem.ts'
import { orderService } from '../../../../apps/api/orders/service.ts'
import { type Running, startApp } from './app.fixture.ts'
import { FakeOrders, noSurroundings } from './fakes.ts'

let app: Running
const orders = new FakeOrders()
beforeAll(async () => {
  app = await startApp({ orders: orderService(orders, noSurroundings) })
})
afterAll(() => app.close())

const ask = async (path: string, init: RequestInit = {}) => {
  const response = await fetch(app.url + path, init)
  expect(response.headers.get('content-type')).toBe('application/problem+json')
  return { status: response.status, headers: response.headers, body: problem.parse(await response.json()) }
}
const post = (body: string, headers: Record<string, string> = {}) =>
  ask('/api/orders', {
    method: 'POST',
    body,
    headers: { 'content-type': 'application/json', 'idempotency-key': 'problems-1', ...headers },
  })

describe('a problem', () => {
  test('says what is wrong, also to clients that only know "error", and under which id it was logged', async () => {
    const { body, headers } = await ask('/nowhere', { headers: { 'X-Request-ID': 'edge-12345678' } })
    expect(body).toEqual({
      type: 'about:blank',
      title: 'Not Found',
      status: 404,
      detail: 'there is no GET /nowhere',
      error: 'there is no GET /nowhere',
      request_id: 'edge-12345678',
    })
    expect(headers.get('cache-control')).toBe('private, no-store')
  })

  test('names each field of a request that is wrong', async () => {
    const { body } = await post(JSON.stringify({ email: 'a@example.com', items: [{ product_id: 1 }] }))
    expect(body.errors).toEqual([{ path: 'items.0.quantity', message: expect.any(String) }])
    expect(body.detail).toBe(`items.0.quantity: ${body.errors?.[0]?.message}`)
  })

  test('stays small, however much is wrong', async () => {
    const { body } = await post(JSON.stringify({ email: 'a@example.com', items: Array(50).fill({}) }))
    expect(body.errors).toHaveLength(20)
  })

  test.each([
    ['what is not JSON', '{"email" "a"}', {}, 400, 'the body is not JSON at position 9'],
    ['a body that is too large', JSON.stringify('x'.repeat(70_000)), {}, 413, 'at most 65536 bytes'],
    ['another type', '{}', { 'content-type': 'text/plain' }, 415, 'application/json'],
    ['an encoding that nobody knows', '{}', { 'content-encoding': 'rot13' }, 415, 'rot13'],
    ['no type at all', '', { 'content-type': '' }, 400, 'email'],
  ])('is clear about %s', async (_what, text, headers, status, words) => {
    const { body } = await post(text, headers)
    expect([body.status, body.detail]).toEqual([status, expect.stringContaining(words)])
  })

  test('never quotes the body, which may hold a password', async () => {
    expect((await post('hunter2')).body.detail).toBe('the body is not JSON')
  })

  test('tells nothing of what failed inside', async () => {
    orders.failure = new Error('password of the database')
    const { body } = await post('{"email":"a@example.com","items":[{"product_id":1,"quantity":1}]}')
    expect(JSON.stringify(body)).not.toContain('password')
    expect([body.status, body.detail]).toEqual([500, 'internal error'])
  })

  test('is clear about a path that cannot be decoded', async () => {
    expect((await ask('/api/orders/%E0')).status).toBe(400)
  })
})

describe('a method that a path does not have', () => {
  test.each([
    ['DELETE', '/api/products', 'GET, HEAD'],
    ['PATCH', '/api/orders/12', 'GET, HEAD'],
    ['GET', '/api/orders/12/cancel', 'POST'],
    ['POST', '/health', 'GET, HEAD'],
    ['PUT', '/api/orders/', 'POST'],
  ])('is refused with those that it has: %s %s', async (method, path, allowed) => {
    const { status, headers } = await ask(path, { method })
    expect(status).toBe(405)
    expect(headers.get('allow')?.split(', ')).toEqual(expect.arrayContaining(allowed.split(', ')))
  })

  test('is not told apart where there is nothing', async () => {
    expect((await ask('/api/nothing', { method: 'POST' })).status).toBe(404)
  })

  test('can be asked for', async () => {
    const response = await fetch(`${app.url}/api/orders`, { method: 'OPTIONS' })
    expect([response.status, response.headers.get('allow')]).toEqual([200, expect.stringContaining('POST')])
  })
})
