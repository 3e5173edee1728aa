import { EventEmitter } from 'node:events'
import { expect, test } from 'vitest'
import { productCache } from '../../../../../apps/api/products/cache.ts'
import { CATALOGUE_VERSION } from '../../../../../apps/core/catalogue-cache.ts'
import type { Redis } from '../../../../../apps/core/redis.ts'

/** As much of Redis as the cache needs; `away` makes every command fail. */
class FakeRedis extends EventEmitter {
  away = false
  commands = 0
  kept = new Map<string, Buffer>([[CATALOGUE_VERSION, Buffer.from('1')]])

  #command(): void {
    this.commands++
    if (this.away) throw new Error('away')
  }

  async incrby(key: string, by: number): Promise<void> {
    this.#command()
    this.kept.set(key, Buffer.from(String(Number(this.kept.get(key) ?? 0) + by)))
  }

  async ping(): Promise<void> {
    this.#command()
  }

  async mgetBuffer(...keys: string[]): Promise<(Buffer | null)[]> {
    this.#command()
    return keys.map((key) => this.kept.get(key) ?? null)
  }

  async set(key: string, value: Buffer): Promise<void> {
    this.#command()
    this.kept.set(key, value)
  }
}

const answer = { etag: '"e"', body: Buffer.from('{"a":\n1}') }

function build() {
  const redis = new FakeRedis()
  const clock = { now: 0 }
  const cache = productCache(redis as unknown as Redis, () => clock.now)
  return { redis, clock, cache }
}

test('an answer comes back as it was stored', async () => {
  const { cache } = build()
  await (await cache.look('page')).store(answer)
  expect((await cache.look('page')).answer).toEqual(answer)
  expect((await cache.look('other')).answer).toBeUndefined()
})

test('a change that Redis missed is made up for before anything is served', async () => {
  const { redis, cache } = build()
  await (await cache.look('page')).store(answer)
  redis.away = true
  await cache.empty()
  redis.away = false
  expect((await cache.look('page')).answer).toBeUndefined()
})

test('so are changes of others while the connection was lost', async () => {
  const { redis, cache } = build()
  await (await cache.look('page')).store(answer)
  redis.emit('ready')
  expect((await cache.look('page')).answer).toBeUndefined()
})

test('a Redis that hangs is left alone for a second', async () => {
  const { redis, clock, cache } = build()
  redis.away = true
  for (let turn = 0; turn < 5; turn++) await cache.look('page')
  expect(redis.commands).toBe(1)
  redis.away = false
  clock.now = 1000
  await (await cache.look('page')).store(answer)
  expect((await cache.look('page')).answer).toEqual(answer)
})

test('without a version nothing is kept, and the next answer is', async () => {
  const { redis, cache } = build()
  redis.kept.clear()
  await (await cache.look('page')).store(answer)
  expect((await cache.look('page')).answer).toBeUndefined()
  await (await cache.look('page')).store(answer)
  expect((await cache.look('page')).answer).toEqual(answer)
})
