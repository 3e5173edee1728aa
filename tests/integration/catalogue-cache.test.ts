import { afterAll, beforeAll, beforeEach, expect, test, vi } from 'vitest'
import { productCache } from '../../apps/api/products/cache.ts'
import { openRedis, type Redis } from '../../apps/core/redis.ts'
import { type Catalogue, kettle, startCatalogue } from './catalogue.ts'
import { redisUrl } from './redis.ts'

let redis: Redis
let shop: Catalogue
const list = (query?: string) => shop.list(query)

beforeAll(async () => {
  redis = openRedis({ REDIS_URL: redisUrl(2) })
  await new Promise((resolve) => redis.once('ready', resolve))
  shop = await startCatalogue(productCache(redis))
})

afterAll(async () => {
  await shop?.close()
  redis?.disconnect()
})

beforeEach(async () => {
  await redis.flushdb()
  await list()
})

test('a cached list takes one command', async () => {
  await list()
  const sent = vi.spyOn(redis, 'sendCommand')
  expect((await list()).cached).toBe(true)
  expect(sent.mock.calls.map(([command]) => command.name)).toEqual(['mget'])
  sent.mockRestore()
})

test('a cached list is true after every change', async () => {
  const { path, product } = await shop.aKettle()
  const stockListed = async () => (await list('?search=kettle&limit=100')).products.at(-1)?.stock
  for (const stock of [1, 2, 3]) {
    await list('?limit=100')
    await shop.send('PUT', path, { ...kettle, stock })
    const { products } = await list('?limit=100')
    expect(products.find(({ id }) => id === product.id)?.stock).toBe(stock)
    expect(await stockListed()).toBe(stock)
  }
})

test('the cache never serves what was made while stock changed', async () => {
  const cache = productCache(redis)
  const { store } = await cache.look('page')
  await cache.empty()
  await store({ etag: '"old"', body: Buffer.from('old') })
  expect((await cache.look('page')).answer).toBeUndefined()
})

test('the cache never serves it either when Redis lost its data meanwhile', async () => {
  const cache = productCache(redis)
  await cache.empty()
  const { store } = await cache.look('page')
  await redis.flushdb()
  await cache.empty()
  await store({ etag: '"old"', body: Buffer.from('old') })
  expect((await cache.look('page')).answer).toBeUndefined()
})

test('a cached list is out of date when a release from before counts the version up', async () => {
  await list()
  expect((await list()).cached).toBe(true)
  await redis.incr('ecomweb:products:version')
  expect((await list()).cached).toBe(false)
})

test('a cached list is kept five minutes, under a number of keys that made-up queries do not raise', async () => {
  await list()
  const [key] = await redis.keys('ecomweb:catalogue:*')
  expect(await redis.ttl(key ?? '')).toBeGreaterThan(290)
  const made = [
    '?search=a',
    '?search=b',
    '?page=7',
    '?limit=33',
    '?category=x',
    '?category=y',
    '?page=01&z=1',
  ]
  for (const query of made) await list(query)
  expect(await redis.keys('ecomweb:catalogue:*')).toEqual([key])
})

test('a cached list need not be sent again to who has it', async () => {
  const etag = (await shop.ask('GET', '/api/products')).headers.get('etag') ?? ''
  // Said as a browser says it: fetch in Node would forbid the answer that it asks for.
  const headers = { 'if-none-match': etag, 'cache-control': 'max-age=0' }
  const again = await fetch(`${shop.url}/api/products`, { headers })
  expect(again.status).toBe(304)
})

test('a browser asks for categories every five minutes as a guest, and each time once signed in', async () => {
  const path = '/api/products/categories'
  const guest = await shop.ask('GET', path)
  const admin = await shop.send('GET', path, undefined)
  expect([guest, admin].map(({ headers }) => [headers.get('cache-control'), headers.get('vary')])).toEqual([
    ['public, max-age=300', 'Origin, Authorization'],
    ['private, no-store', 'Origin, Authorization'],
  ])
  expect([guest, admin].map(({ headers }) => headers.get('x-cache'))).toEqual(['miss', 'hit'])
})
