import { afterEach, describe, expect, test } from 'vitest'
import { pageHeaders } from '../../../../apps/api/headers.ts'
import { type Running, revalidating, startApp } from './app.fixture.ts'

let app: Running
afterEach(() => app?.close())

const surface = {
  appUrl: 'http://shop.test',
  clientOrigins: [],
  apiOrigins: [],
  webDirectory: '/nonexistent',
}

const get = async (path: string, headers: Record<string, string> = {}) =>
  (await fetch(app.url + path, { headers })).headers

describe('an answer of the API', () => {
  test('can neither be run, framed nor kept', async () => {
    app = await startApp()
    const headers = await get('/api/health')
    expect(headers.get('x-content-type-options')).toBe('nosniff')
    expect(headers.get('x-frame-options')).toBe('DENY')
    expect(headers.get('content-security-policy')).toBe("default-src 'none';frame-ancestors 'none'")
    expect(headers.get('referrer-policy')).toBe('no-referrer')
    expect(headers.get('cache-control')).toContain('no-store')
    for (const left of ['x-powered-by', 'x-xss-protection', 'strict-transport-security']) {
      expect(headers.has(left)).toBe(false)
    }
  })

  test('asks for HTTPS only from a shop that has it', async () => {
    app = await startApp({ surface: { ...surface, appUrl: 'https://shop.test' } })
    expect((await get('/health')).get('strict-transport-security')).toBe('max-age=31536000')
  })
})

describe('the catalogue', () => {
  test('may be kept by guests, who ask each time whether it still holds', async () => {
    app = await startApp()
    const headers = await get('/api/products')
    expect(headers.get('cache-control')).toBe('public, no-cache')
    expect(headers.get('vary')).toBe('Origin, Authorization')
    const etag = headers.get('etag')
    const again = await fetch(`${app.url}/api/products`, { headers: revalidating(etag) })
    expect(again.status).toBe(304)
  })

  test('is private to whoever shows a token, and a problem is nobody’s to keep', async () => {
    app = await startApp()
    const failing = { ...app.parts.products, list: () => Promise.reject(new Error('lost')) }
    expect((await get('/api/products', { Authorization: 'Bearer x' })).get('cache-control')).toContain(
      'private',
    )
    await app.close()
    app = await startApp({ products: failing })
    expect((await get('/api/products')).get('cache-control')).toBe('private, no-store')
  })
})

describe('a page', () => {
  const policy = (appUrl: string, apiOrigins: string[] = []) =>
    pageHeaders({ appUrl, apiOrigins }).get('Content-Security-Policy')?.split(';')

  test('may run and show nothing inline', () => {
    const directives = policy('http://shop.test')
    expect(directives).toContain("default-src 'self'")
    expect(directives).toContain("img-src 'self' data: blob:")
    expect(directives?.join()).not.toContain('unsafe')
  })

  test('may ask this host and the APIs that are listed, also over WebSockets', () => {
    expect(policy('https://shop.test/start', ['http://other.test:8080'])).toContain(
      "connect-src 'self' wss://shop.test http://other.test:8080 ws://other.test:8080",
    )
  })

  test('is moved to HTTPS only where there is HTTPS', () => {
    expect(policy('https://shop.test')).toContain('upgrade-insecure-requests')
    expect(policy('http://shop.test')).not.toContain('upgrade-insecure-requests')
  })
})
