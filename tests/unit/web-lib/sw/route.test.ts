import { describe, expect, it } from 'vitest'
import { type Asked, route } from '../../../../apps/web/sw/route.ts'

const ORIGIN = 'https://shop.example'
const files = new Set(['/index.html', '/favicon.svg', '/config.json', '/assets/main-abc.js'])

const way = (url: string, more: Partial<Asked> = {}) => {
  const asked = { method: 'GET', mode: 'no-cors', cache: 'default', headers: new Headers() } as const
  return route({ ...asked, url: new URL(url, ORIGIN).href, ...more }, ORIGIN, files)
}
const page = (url: string) => way(url, { mode: 'navigate' })

describe('a request', () => {
  it.each([
    ['/assets/main-abc.js', 'asset'],
    ['/assets/main-of-another-release.js', 'network'],
    ['/favicon.svg', 'file'],
    ['/config.json', 'file'],
    ['/robots.txt', 'network'],
    ['/api/products', 'catalogue'],
    ['/api/products?page=2&search=lamp', 'catalogue'],
    ['/api/products/categories', 'catalogue'],
    ['/api/products/17', 'catalogue'],
    ['https://api.example/api/products', 'catalogue'],
    ['/api/products/17/image', 'network'],
    ['/api/productsx', 'network'],
    ['/api/orders', 'network'],
    ['/api/orders/events', 'network'],
    ['/reports-api/reports/sales', 'network'],
    ['/api/health', 'network'],
    ['https://elsewhere.example/favicon.svg', 'network'],
  ])('for %s goes to: %s', (url, expected) => {
    expect(way(url)).toBe(expected)
  })

  it.each([
    ['/', 'page'],
    ['/products/17', 'page'],
    ['/orders?status=paid', 'page'],
    ['/api/products', 'catalogue'],
    ['/api/openapi.json', 'network'],
    ['/reports-api/reports/sales?format=csv', 'network'],
    ['/docs', 'network'],
    ['/docs/', 'network'],
    ['/documents', 'page'],
    ['/health', 'network'],
    ['/assets/old.js', 'network'],
    ['https://elsewhere.example/', 'network'],
  ])('for the page %s goes to: %s', (url, expected) => {
    expect(page(url)).toBe(expected)
  })

  it('that is not a plain GET, names a user, wants a part or nothing stored is left alone', () => {
    const urls = ['/', '/api/products', '/favicon.svg', '/assets/main-abc.js']
    for (const url of urls) {
      for (const method of ['POST', 'PUT', 'DELETE', 'HEAD']) expect(way(url, { method })).toBe('network')
      expect(way(url, { headers: new Headers({ authorization: 'Bearer a' }) })).toBe('network')
      expect(way(url, { headers: new Headers({ Range: 'bytes=0-1' }) })).toBe('network')
    }
    expect(way('/api/products', { cache: 'no-store' })).toBe('network')
  })
})
