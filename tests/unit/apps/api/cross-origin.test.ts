import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Running, startApp } from './app.fixture.ts'

const surface = { appUrl: 'http://shop.test', apiOrigins: [], webDirectory: '/nonexistent' }

let app: Running
beforeAll(async () => {
  const clientOrigins = ['https://staging.example.com', 'https://shop.example.com:443']
  app = await startApp({ surface: { ...surface, clientOrigins } })
})
afterAll(() => app.close())

const ask = async (origin: string, path = '/api/products', method = 'GET') => {
  const { status, headers } = await fetch(app.url + path, { method, headers: { origin } })
  const allowed = [...headers].filter(([name]) => name.startsWith('access-control-'))
  return { status, allowed: Object.fromEntries(allowed), vary: headers.get('vary') }
}

describe('a web client on another host', () => {
  test.each(['https://staging.example.com', 'https://shop.example.com'])('of %s may call', async (origin) => {
    const { allowed, vary } = await ask(origin)
    expect(allowed).toEqual({
      'access-control-allow-origin': origin,
      'access-control-allow-credentials': 'true',
      'access-control-expose-headers': 'X-Request-ID,Retry-After,ETag,X-Cache',
    })
    expect(vary).toContain('Origin')
  })

  test.each([
    'https://evil.example.com',
    'http://shop.example.com',
    'https://shop.example.com.evil.test',
    'null',
  ])('of %s is told nothing, before it asks and when it does', async (origin) => {
    expect((await ask(origin)).allowed).toEqual({})
    const preflight = await ask(origin, '/api/orders', 'OPTIONS')
    expect(preflight.allowed).toEqual({})
    expect(preflight.vary).toContain('Origin')
  })

  test('reads problems too', async () => {
    const { status, allowed } = await ask('https://shop.example.com', '/api/orders/12')
    expect([status, allowed['access-control-allow-origin']]).toEqual([404, 'https://shop.example.com'])
  })

  test('asks once in two hours what it may send', async () => {
    const response = await fetch(`${app.url}/api/orders/12/cancel`, {
      method: 'OPTIONS',
      headers: {
        origin: 'https://shop.example.com',
        'access-control-request-method': 'POST',
        'access-control-request-headers': 'authorization,idempotency-key',
      },
    })
    expect(response.status).toBe(204)
    expect(response.headers.get('access-control-max-age')).toBe('7200')
    expect(response.headers.get('access-control-allow-headers')).toBe('authorization,idempotency-key')
    expect(response.headers.get('access-control-allow-methods')).toContain('PATCH')
  })
})
