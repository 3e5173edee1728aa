import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { request } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { brotliCompressSync, gzipSync } from 'node:zlib'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Running, revalidating, startApp } from './app.fixture.ts'

let app: Running
const folder = mkdtempSync(join(tmpdir(), 'web-'))
const script = 'console.log("shop")\n'.repeat(100)

beforeAll(async () => {
  mkdirSync(join(folder, 'assets'))
  mkdirSync(join(folder, 'docs'))
  const files = {
    'index.html': '<!doctype html><title>shop</title>',
    'sw.js': 'self.skipWaiting()',
    'config.json': '{"backends":[]}',
    'assets/app-1a2b.js': script,
    'assets/app-1a2b.js.br': brotliCompressSync(script),
    'assets/app-1a2b.js.gz': gzipSync(script),
    'docs/index.html': '<!doctype html><title>docs</title>',
  }
  for (const [path, content] of Object.entries(files)) writeFileSync(join(folder, path), content)
  symlinkSync('/etc/passwd', join(folder, 'assets/passwd'))
  app = await startApp({
    surface: { appUrl: 'http://shop.test', clientOrigins: [], apiOrigins: [], webDirectory: folder },
  })
})
afterAll(async () => {
  await app.close()
  rmSync(folder, { recursive: true })
})

const navigation = { accept: 'text/html,application/xhtml+xml,*/*;q=0.8' }
const get = async (path: string, headers: Record<string, string> = {}, method = 'GET') => {
  const response = await fetch(app.url + path, { method, headers })
  return { status: response.status, headers: response.headers, body: await response.text() }
}

/** A request that is sent as it is: fetch would tidy up the path, and choose the host itself. */
const raw = (url: string, host?: string, path?: string) =>
  new Promise<{ status: number | undefined; body: string }>((resolve, reject) => {
    const options = { ...(host && { headers: { host } }), ...(path && { path }) }
    const sent = request(url, options, async (response) => {
      resolve({ status: response.statusCode, body: Buffer.concat(await response.toArray()).toString() })
    })
    sent.on('error', reject).end()
  })

describe('pages', () => {
  test.each(['/', '/orders', '/products/12'])('%s is the web client', async (path) => {
    const { status, headers, body } = await get(path, navigation)
    expect([status, body]).toEqual([200, expect.stringContaining('<title>shop')])
    expect(headers.get('content-type')).toBe('text/html; charset=utf-8')
    expect(headers.get('cache-control')).toBe('no-cache')
    expect(headers.get('content-security-policy')).toContain("default-src 'self'")
  })

  test('are only asked about when they are known, and HEAD tells the same', async () => {
    const { headers } = await get('/', navigation)
    const again = await get('/orders', { ...navigation, ...revalidating(headers.get('etag')) })
    expect([again.status, again.body]).toEqual([304, ''])
    const head = await get('/orders', navigation, 'HEAD')
    expect([head.status, head.headers.get('etag')]).toEqual([200, headers.get('etag')])
  })

  test('have another ETag when they have another content of the same size and time', async () => {
    const other = mkdtempSync(join(tmpdir(), 'web-'))
    writeFileSync(join(other, 'index.html'), '<!doctype html><title>shup</title>')
    const surface = { ...app.parts.surface, webDirectory: other }
    const next = await startApp({ surface })
    const etags = await Promise.all(
      [app.url, next.url].map(async (url) => (await fetch(url)).headers.get('etag')),
    )
    await next.close()
    rmSync(other, { recursive: true })
    expect(new Set(etags).size).toBe(2)
  })

  test.each(['/api', '/api/nothing', '/health/more', '/ready/x', '/docs/nothing', '/assets/gone.js'])(
    'are not where something else belongs: %s',
    async (path) => {
      const { status, headers } = await get(path, navigation)
      expect([status, headers.get('content-type')]).toEqual([404, 'application/problem+json'])
    },
  )

  test('are for those who go there: scripts that look for something get 404', async () => {
    expect((await get('/nowhere')).status).toBe(404)
    expect((await get('/', {}, 'POST')).status).toBe(405)
    expect((await get('/nowhere', navigation, 'POST')).status).toBe(404)
  })

  test.each(['/docs', '/docs/'])('%s is the documentation', async (path) => {
    expect((await get(path)).body).toContain('<title>docs')
  })
})

describe('the settings of the web client', () => {
  const config = async (apiOrigins: string[], host?: string) => {
    const next = await startApp({
      surface: { ...app.parts.surface, appUrl: 'https://shop.test', apiOrigins },
    })
    const answer = await raw(`${next.url}/config.json`, host)
    await next.close()
    return JSON.parse(answer.body).backends
  }

  test('are those of the build', async () => {
    expect(await config([])).toEqual([])
  })

  test('name the other APIs that its pages may ask, after the one that they came from', async () => {
    const others = ['https://api-2.test']
    expect(await config(others, 'shop.test')).toEqual(['https://shop.test', ...others])
    expect(await config(others, 'localhost:3001')).toEqual(['http://localhost:3001', ...others])
  })
})

describe('files', () => {
  test.each([
    ['gzip, deflate, br, zstd', 'br'],
    ['gzip, deflate', 'gzip'],
    ['br;q=0, gzip', 'gzip'],
    ['identity', null],
  ])('come as whoever says "%s" can read them', async (accepted, encoding) => {
    const { headers, body } = await get('/assets/app-1a2b.js', { 'accept-encoding': accepted })
    expect([headers.get('content-encoding'), body]).toEqual([encoding, script])
    expect(headers.get('content-type')).toBe('text/javascript; charset=utf-8')
    expect(headers.get('vary')).toBe('Accept-Encoding')
    expect(headers.get('cache-control')).toBe('public, max-age=31536000, immutable')
  })

  test('have an ETag for each form', async () => {
    const etags = ['br', 'gzip', 'identity'].map(async (accepted) =>
      (await get('/assets/app-1a2b.js', { 'accept-encoding': accepted })).headers.get('etag'),
    )
    expect(new Set(await Promise.all(etags)).size).toBe(3)
  })

  test('the service worker is asked about each time', async () => {
    expect((await get('/sw.js')).headers.get('cache-control')).toBe('no-cache')
  })

  test.each([
    '/../../../../etc/passwd',
    '/assets/..%2f..%2f..%2f..%2fetc/passwd',
    '/assets/%2e%2e/%2e%2e/etc/passwd',
    '/assets/passwd',
    '/assets\\..\\index.html',
    '//etc/passwd',
  ])('outside the folder cannot be reached: %s', async (path) => {
    expect((await raw(app.url, undefined, path)).status).toBe(404)
  })

  test('that vanish give a problem that names no folder', async () => {
    rmSync(join(folder, 'assets/app-1a2b.js.gz'))
    const { status, headers, body } = await get('/assets/app-1a2b.js', { 'accept-encoding': 'gzip' })
    expect([status, headers.get('content-encoding')]).toEqual([404, null])
    expect(body).not.toContain(folder)
  })
})
