import { once } from 'node:events'
import { afterAll, beforeAll, beforeEach, expect, inject, test, vi } from 'vitest'
import { productCache } from '../../apps/api/products/cache.ts'
import { CATALOGUE_VERSION, outdateCatalogue } from '../../apps/core/catalogue-cache.ts'
import { openListener, openRedis, type Redis } from '../../apps/core/redis.ts'
import { type KeyWatch, watchKey } from '../../apps/core/redis-watch.ts'
import { type Catalogue, kettle, startCatalogue } from './catalogue.ts'

/** A process of the API, as far as its cache goes, and `other`: one more, which may be of the other colour. */
let [redis, listener, other]: Redis[] = []
let watch: KeyWatch
/** So that only word of a change ends what is remembered. */
const stopped = () => 0
let shop: Catalogue

beforeAll(async () => {
  const env = { REDIS_URL: `${inject('services').redis}/15` }
  redis = openRedis(env)
  listener = openListener(env)
  other = openRedis(env)
  watch = watchKey(listener, CATALOGUE_VERSION)
  await Promise.all([redis, other].map((connection) => connection && once(connection, 'ready')))
  await vi.waitUntil(() => watch.awake)
  shop = await startCatalogue(productCache(redis, stopped, watch))
})

afterAll(async () => {
  await shop?.close()
  for (const connection of [redis, listener, other]) connection?.disconnect()
})

beforeEach(async () => {
  await redis?.flushdb()
  await shop.list()
})

/** The commands that a cached list takes; undefined if it is not cached. */
async function commandsOfList(): Promise<(string | undefined)[] | undefined> {
  const sent = vi.spyOn(redis as Redis, 'sendCommand')
  const { cached } = await shop.list()
  const names = sent.mock.calls.map(([command]) => command.name)
  sent.mockRestore()
  return cached ? names : undefined
}

test('a list that was just found in the cache takes no command', async () => {
  await vi.waitUntil(async () => (await commandsOfList())?.length === 0, { interval: 1 })
})

test('word of a change by another process comes each time', async () => {
  const cache = productCache(redis as Redis, stopped, watch)
  for (let turn = 0; turn < 200; turn++) {
    const body = Buffer.from(String(turn))
    await (await cache.look('page')).store({ etag: '"e"', body })
    await cache.look('page')
    await outdateCatalogue(other as Redis)
    await vi.waitUntil(async () => !(await cache.known?.('page')), { interval: 1 })
  }
})

test('a remembered list is true after a change by this process', async () => {
  const { path, product } = await shop.aKettle()
  for (const stock of [1, 2, 3]) {
    for (let turn = 0; turn < 3; turn++) await shop.list('?limit=100')
    await shop.send('PUT', path, { ...kettle, stock })
    const { products } = await shop.list('?limit=100')
    expect(products.find(({ id }) => id === product.id)?.stock).toBe(stock)
  }
})

test.each<[string, (by: Redis) => Promise<unknown>]>([
  ['a release from before has made out of date', (by) => by.incr(CATALOGUE_VERSION)],
  ['Redis has lost', (by) => by.flushdb()],
])('nothing is remembered that %s', async (_what, change) => {
  await vi.waitUntil(async () => (await commandsOfList())?.length === 0, { interval: 1 })
  await change(other as Redis)
  await vi.waitUntil(async () => !(await shop.list()).cached, { interval: 1 })
})

test('while changes cannot be heard of, each list is looked up; afterwards it is remembered again', async () => {
  await vi.waitUntil(async () => (await commandsOfList())?.length === 0, { interval: 1 })
  listener?.disconnect(true)
  await vi.waitUntil(() => !watch.awake, { interval: 1 })
  expect(await commandsOfList()).toEqual(['mget'])
  await vi.waitUntil(() => watch.awake)
  await vi.waitUntil(async () => (await commandsOfList())?.length === 0, { interval: 1 })
})
