import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Listing } from '../../../../apps/api/products/repository.ts'
import { productService } from '../../../../apps/api/products/service.ts'
import { type Running, readJson, startApp } from './app.fixture.ts'
import { emptyShop, fakeCache } from './fakes.ts'

let app: Running
let asked = 0
const cache = fakeCache()

beforeAll(async () => {
  const list = async ({ skip, take }: Listing) => {
    asked++
    return { products: [], total: skip + take + 1 }
  }
  app = await startApp({ products: productService(emptyShop({ list }), cache) })
})
afterAll(() => app.close())

describe('every response', () => {
  test('carries the request id of the edge', async () => {
    const response = await fetch(`${app.url}/health`, { headers: { 'X-Request-ID': 'edge-12345678' } })
    expect(response.headers.get('x-request-id')).toBe('edge-12345678')
  })

  test.each([undefined, 'short', 'not allowed; in a header'])('gets a new one instead of %s', async (id) => {
    const response = await fetch(`${app.url}/health`, { headers: id ? { 'X-Request-ID': id } : {} })
    expect(response.headers.get('x-request-id')).toMatch(/^[0-9a-f-]{36}$/)
  })

  test('is JSON for a path that does not exist, and keeps the connection', async () => {
    const response = await fetch(`${app.url}/nowhere`)
    expect([response.status, await readJson(response)]).toMatchObject([
      404,
      { error: 'there is no GET /nowhere' },
    ])
    expect(response.headers.get('connection')).not.toBe('close')
  })
})

describe('GET /api/products', () => {
  const get = async (query: string) => {
    const response = await fetch(`${app.url}/api/products${query}`)
    return { status: response.status, cached: response.headers.get('x-cache'), body: await response.json() }
  }

  test('pages through the catalogue', async () => {
    const { body } = await get('?page=3&limit=10')
    expect(body).toEqual({ products: [], pagination: { page: 3, limit: 10, total: 31, pages: 4 } })
  })

  test('answers from the cache until stock changes', async () => {
    const before = asked
    expect((await get('?page=1')).cached).toBe('miss')
    expect((await get('?page=1&limit=20')).cached).toBe('hit')
    expect(asked).toBe(before + 1)
    await app.parts.products.stockChanged()
    expect((await get('?page=1')).cached).toBe('miss')
  })

  test.each(['?page=0', '?limit=101', '?page=two'])('refuses %s', async (query) => {
    expect((await get(query)).status).toBe(400)
  })
})
