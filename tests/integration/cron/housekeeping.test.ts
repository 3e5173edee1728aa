import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { CATALOGUE_VERSION } from '../../../apps/core/catalogue-cache.ts'
import { newestEventId } from '../../../apps/core/outbox.ts'
import { openRedis, type Redis } from '../../../apps/core/redis.ts'
import { expireCaches } from '../../../apps/cron/jobs/cache-expiry.ts'
import { cleanUp } from '../../../apps/cron/jobs/daily-clean-up.ts'
import { healthCheck } from '../../../apps/cron/jobs/health-check.ts'
import { redisUrl } from '../redis.ts'
import { never, openShop, type Shop } from './shop.ts'

let shop: Shop
let redis: Redis

beforeAll(async () => {
  shop = await openShop()
  redis = openRedis({ REDIS_URL: redisUrl(8) })
  await new Promise((resolve) => redis.once('ready', resolve))
})
afterAll(async () => {
  redis?.disconnect()
  await shop?.own.drop()
})
beforeEach(async () => {
  await redis.flushdb()
  await shop.empty()
})

test('a sample of health is kept for its slot, once', async () => {
  const ask = (async () =>
    Response.json({ status: 'healthy', services: { redis: 'up' }, version: '1.0.0' })) as typeof fetch
  const job = healthCheck(shop.database, 'http://edge/api/health', ask)
  const slot = new Date('2026-03-10T10:05:00Z')
  for (let times = 0; times < 2; times++) await job.run(slot, { signal: never, now: slot })
  const refused = (async () => Promise.reject(new TypeError('fetch failed'))) as typeof fetch
  const next = new Date('2026-03-10T10:10:00Z')
  await healthCheck(shop.database, 'http://edge/api/health', refused).run(next, { signal: never, now: next })
  expect(
    await shop.own.sql(
      'SELECT slot, status, http_status, services, failure FROM health_samples ORDER BY slot',
    ),
  ).toEqual([
    { slot, status: 'healthy', http_status: 200, services: { redis: 'up' }, failure: null },
    { slot: next, status: 'unreachable', http_status: null, services: {}, failure: 'fetch failed' },
  ])
})

test('the clean-up deletes what is too old, and nothing else', async () => {
  const now = new Date('2026-06-01T03:30:00Z')
  const ago = (days: number) => new Date(now.getTime() - days * 86_400_000).toISOString()
  const event = (days: number) =>
    shop.own.sql("INSERT INTO outbox (event, order_id, payload, created_at) VALUES ('x', $1, '{}', $2)", [
      randomUUID(),
      ago(days),
    ])
  for (const days of [45, 40, 31]) await event(days)
  for (const [job, days] of [
    ['often', 100],
    ['often', 95],
    ['often', 1],
    ['seldom', 200],
  ] as const)
    await shop.own.sql("INSERT INTO cron_run (job, slot, status) VALUES ($1, $2, 'finished')", [
      job,
      ago(days),
    ])
  for (const days of [40, 10])
    await shop.own.sql("INSERT INTO health_samples (slot, status, latency_ms) VALUES ($1, 'healthy', 1)", [
      ago(days),
    ])
  const probe = await shop.order(
    { email: 'p@example.com', cents: 1, placed: ago(8), paid: ago(8) },
    { probe: true },
  )
  await shop.own.sql(
    "INSERT INTO payments (order_id, amount_cents, status, reference) VALUES ($1, 1, 'taken', 'x')",
    [probe],
  )
  const young = await shop.order({ email: 'p@example.com', cents: 1, placed: ago(6) }, { probe: true })
  const real = await shop.order({ email: 'a@example.com', cents: 1, placed: ago(300), paid: ago(300) })
  const mail = (key: string, status: string, days: number) =>
    shop.own.sql(
      "INSERT INTO outgoing_mails (kind, recipient, subject, body, dedup_key, status, created_at) VALUES ('x', 'x', 'x', 'x', $1, $2, $3)",
      [key, status, ago(days)],
    )
  await mail('old', 'sent', 91)
  await mail('never sent', 'queued', 91)
  await mail('new', 'sent', 89)
  const newest = await newestEventId(shop.database)

  expect(await cleanUp(shop.database, now, never)).toEqual({
    outbox: 2,
    cronRuns: 2,
    healthSamples: 1,
    probeOrders: 1,
    mails: 1,
  })
  expect(await cleanUp(shop.database, now, never)).toEqual({
    outbox: 0,
    cronRuns: 0,
    healthSamples: 0,
    probeOrders: 0,
    mails: 0,
  })
  expect(await newestEventId(shop.database)).toBe(newest)
  expect(await shop.own.sql('SELECT job, slot FROM cron_run ORDER BY job')).toEqual([
    { job: 'often', slot: new Date(ago(1)) },
    { job: 'seldom', slot: new Date(ago(200)) },
  ])
  const left = await shop.own.sql<{ id: string }>('SELECT id FROM orders')
  expect(left.map(({ id }) => id).toSorted()).toEqual([young, real].toSorted())
  expect(await shop.own.sql('SELECT dedup_key FROM outgoing_mails ORDER BY 1')).toEqual([
    { dedup_key: 'never sent' },
    { dedup_key: 'new' },
  ])
})

test('caches lose what an older catalogue has left, and nothing in them stays for ever', async () => {
  await redis.set(CATALOGUE_VERSION, '42')
  await redis.set('ecomweb:catalogue:current', '42 "a"\nbody', 'EX', 300)
  await redis.set('ecomweb:catalogue:outdated', '41 "a"\nbody', 'EX', 300)
  await redis.set('ecomweb:catalogue:unbounded', '42 "b"\nbody')
  await redis.set('ecomweb:reports:sales', '{}')
  await redis.set('session-ended:anna', '1')
  expect(await expireCaches(redis, never)).toEqual({ outdated: 1, bounded: 2 })
  expect((await redis.keys('ecomweb:catalogue:*')).toSorted()).toEqual([
    'ecomweb:catalogue:current',
    'ecomweb:catalogue:unbounded',
  ])
  expect(await redis.ttl('ecomweb:catalogue:unbounded')).toBeGreaterThan(3000)
  expect(await redis.ttl('ecomweb:catalogue:current')).toBeLessThanOrEqual(300)
  expect([await redis.ttl('session-ended:anna'), await redis.ttl(CATALOGUE_VERSION)]).toEqual([-1, -1])
})
