import { describe, expect, it } from 'vitest'
import { createBackend } from '../../../apps/web/src/api/backend.ts'
import { parseConfig, readConfig } from '../../../apps/web/src/api/config.ts'
import { safeNext } from '../../../apps/web/src/checkout/next.ts'
import { pagesAround } from '../../../apps/web/src/ui/page-numbers.ts'

const own = 'https://shop.example.org'

describe('the list of API addresses', () => {
  it('is read at run time, and only origins of it are taken', () => {
    const backends = ['https://a.example.org/x', 'https://a.example.org', 'javascript:alert(1)', 7]
    expect(parseConfig({ backends })).toEqual({ backends: ['https://a.example.org'] })
    expect(parseConfig(null)).toEqual({ backends: [] })
  })

  it.each([
    ['is absent', () => new Response('', { status: 404 })],
    ['is the page itself', () => new Response('<html>', { headers: { 'Content-Type': 'text/html' } })],
    ['is broken', () => new Response('{', { headers: { 'Content-Type': 'application/json' } })],
  ])('is where the page came from if the file %s', async (_, answer) => {
    const asked: string[] = []
    const backend = createBackend(async (input) => {
      asked.push(String(input))
      return String(input) === '/config.json' ? answer() : new Response('{}')
    }, own)
    await backend.fetch('/api/products')
    expect(asked).toEqual(['/config.json', `${own}/api/products`])
    expect(await backend.elsewhere()).toBe(false)
  })

  it('sends requests and cookies to another host if it names one', async () => {
    const inits: RequestInit[] = []
    const backend = createBackend(async (input, init) => {
      if (String(input) === '/config.json') return Response.json({ backends: ['https://api.example.org'] })
      if (String(input).endsWith('/api/products')) inits.push(init ?? {})
      return new Response('{}')
    }, own)
    await backend.fetch('/api/products')
    expect(inits).toMatchObject([{ credentials: 'include' }])
    expect([backend.origin(), await backend.elsewhere()]).toEqual(['https://api.example.org', true])
  })

  it('does not stop the shop if it cannot be read', async () => {
    await expect(readConfig(() => Promise.reject(new TypeError('cut')))).resolves.toEqual({ backends: [] })
  })
})

describe('where to go after signing in', () => {
  it.each([
    ['/checkout', '/checkout'],
    [null, '/orders'],
    ['//evil.example.org', '/orders'],
    ['/\\evil.example.org', '/orders'],
    ['https://evil.example.org', '/orders'],
  ])('%s leads to %s', (next, to) => {
    expect(safeNext(next)).toBe(to)
  })
})

describe('the pages to offer', () => {
  it.each([
    [1, 1, [1]],
    [1, 6, [1, 2, 0, 6]],
    [4, 7, [1, 0, 3, 4, 5, 0, 7]],
    [3, 3, [1, 2, 3]],
  ])('of page %d of %d', (page, pages, offered) => {
    expect(pagesAround(page, pages)).toEqual(offered)
  })
})
