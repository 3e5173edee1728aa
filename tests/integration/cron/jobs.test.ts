import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, beforeEach, expect, inject, test } from 'vitest'
import { CATALOGUE_VERSION } from '../../../apps/core/catalogue-cache.ts'
import type { Database } from '../../../apps/core/database.ts'
import { newestEventId } from '../../../apps/core/outbox.ts'
import { openRedis, type Redis } from '../../../apps/core/redis.ts'
import type { TransactionalJob } from '../../../apps/cron/job.ts'
import { expireCaches } from '../../../apps/cron/jobs/cache-expiry.ts'
import { dailyAnalytics } from '../../../apps/cron/jobs/daily-analytics.ts'
import { cleanUp } from '../../../apps/cron/jobs/daily-clean-up.ts'
import { healthCheck } from '../../../apps/cron/jobs/health-check.ts'
import { monthlySubscriptions } from '../../../apps/cron/jobs/monthly-subscriptions.ts'
import { weeklyEngagement } from '../../../apps/cron/jobs/weekly-engagement.ts'
import { type OwnDatabase, ownDatabase } from '../database.ts'

const silent = { info() {}, warn() {} }
const never = new AbortController().signal
let own: OwnDatabase
let database: Database
let redis: Redis

beforeAll(async () => {
  own = await ownDatabase()
  database = own.open('service')
  redis = openRedis({ REDIS_URL: `${inject('services').redis}/8` })
  await new Promise((resolve) => redis.once('ready', resolve))
})
afterAll(async () => {
  redis?.disconnect()
  await own?.drop()
})
beforeEach(async () => {
  await redis.flushdb()
  await own.sql(
    'TRUNCATE orders, users, outbox, cron_run, health_samples, outgoing_mails, daily_analytics, weekly_engagement CASCADE',
  )
})

/** Runs a job's slot in a transaction, as the engine does. */
const run = (job: TransactionalJob, slot: string) =>
  database.$transaction((transaction) =>
    job.run(new Date(slot), { transaction, signal: never, now: new Date(slot) }),
  )

type Order = {
  email: string
  cents: number
  placed: string
  paid?: string
  refunded?: string
  cancelled?: string
}

async function order(
  { email, cents, placed, paid, refunded, cancelled }: Order,
  { probe = false, quantity = 1 } = {},
) {
  const [made] = await own.sql<{ id: string }>(
    `INSERT INTO orders (email, total_cents, idempotency_key, request_hash, probe, created_at, paid_at, refunded_at, cancelled_at)
     VALUES ($1, $2, $3, 'x', $4, $5, $6, $7, $8) RETURNING id`,
    [email, cents, randomUUID(), probe, placed, paid ?? null, refunded ?? null, cancelled ?? null],
  )
  await own.sql(
    'INSERT INTO order_items (order_id, product_id, quantity, price_cents) VALUES ($1, 1, $2, $3)',
    [made?.id, quantity, cents],
  )
  return String(made?.id)
}

const user = async (email: string, { role = 'user', created = '2026-01-01', disabled = false } = {}) =>
  (
    await own.sql<{ id: string }>(
      `INSERT INTO users (email, role, created_at, disabled_at) VALUES ($1, $2, $3, $4) RETURNING id`,
      [email, role, created, disabled ? created : null],
    )
  )[0]?.id as string

/** Orders around Tuesday, 10 March 2026 (UTC); the week begins on the 9th. */
async function march() {
  const on = (day: string, time = '12:00') => `2026-03-${day}T${time}:00Z`
  await order({ email: 'Anna@example.com', cents: 1000, placed: on('04'), paid: on('04') })
  await order({ email: 'carl@example.com', cents: 700, placed: on('05'), paid: on('05'), refunded: on('10') })
  await order(
    { email: 'anna@example.com', cents: 2000, placed: on('10', '00:00'), paid: on('10', '00:00') },
    { quantity: 3 },
  )
  await order({ email: 'bert@example.com', cents: 3000, placed: on('09', '23:59'), paid: on('10', '09:00') })
  await order({ email: 'BERT@example.com', cents: 500, placed: on('10', '10:00'), paid: on('10', '23:59') })
  await order({ email: 'dora@example.com', cents: 9900, placed: on('10'), paid: on('11', '00:00') })
  await order({ email: 'emil@example.com', cents: 800, placed: on('10'), cancelled: on('10', '13:00') })
  await order({ email: 'probe@example.com', cents: 100, placed: on('10'), paid: on('10') }, { probe: true })
  await user('anna@example.com', { created: on('10', '00:00') })
  await user('bert@example.com', { created: on('11', '00:00') })
}

test('the figures of a day are those counted by hand, and the same when it runs again', async () => {
  await march()
  for (let times = 0; times < 2; times++) await run(dailyAnalytics(), '2026-03-11T00:15:00Z')
  expect(
    await own.sql(
      'SELECT *, day::text, revenue_cents::int, refunded_cents::int, NULL AS made_at FROM daily_analytics',
    ),
  ).toEqual([
    {
      day: '2026-03-10',
      orders: 4, // anna, bert's second, dora, emil
      paid_orders: 3, // anna, bert twice
      cancelled_orders: 1,
      items: 5,
      revenue_cents: 5500,
      refunded_cents: 700,
      customers: 2,
      new_customers: 1, // bert; anna bought on the 4th
      new_users: 1,
      made_at: null,
    },
  ])
})

test('a day without orders has a row of zeros', async () => {
  await run(dailyAnalytics(), '2026-03-20T00:15:00Z')
  expect(await own.sql('SELECT day::text, orders, revenue_cents::int FROM daily_analytics')).toEqual([
    { day: '2026-03-19', orders: 0, revenue_cents: 0 },
  ])
})

test('the figures of a week are those counted by hand, and each administrator gets one mail', async () => {
  await march()
  await user('boss@example.com', { role: 'admin' })
  await user('chief@example.com', { role: 'admin' })
  await user('left@example.com', { role: 'admin', disabled: true })
  await run(weeklyEngagement(), '2026-03-09T06:00:00Z')
  for (let times = 0; times < 2; times++) await run(weeklyEngagement(), '2026-03-16T06:00:00Z')
  expect(
    await own.sql(
      'SELECT *, week::text, revenue_cents::int, NULL AS made_at FROM weekly_engagement ORDER BY weekly_engagement.week',
    ),
  ).toEqual([
    {
      ...{ week: '2026-03-02', customers: 2, new_customers: 2, returning_customers: 0, lapsed_customers: 0 },
      ...{ repeat_customers: 0, orders: 2, revenue_cents: 1700, new_users: 0, made_at: null },
    },
    {
      // anna came back; bert and dora are new; carl was here the week before only; bert ordered twice
      ...{ week: '2026-03-09', customers: 3, new_customers: 2, returning_customers: 1, lapsed_customers: 1 },
      ...{ repeat_customers: 1, orders: 4, revenue_cents: 15_400, new_users: 2, made_at: null },
    },
  ])
  const mails = await own.sql<{ recipient: string; body: string; dedup_key: string; status: string }>(
    "SELECT recipient, body, dedup_key, status FROM outgoing_mails WHERE dedup_key LIKE '%2026-03-09%' ORDER BY recipient",
  )
  expect(mails.map(({ recipient, status }) => [recipient, status])).toEqual([
    ['boss@example.com', 'queued'],
    ['chief@example.com', 'queued'],
  ])
  expect(mails[0]?.body).toContain('Revenue:              154.00 EUR (week before: 17.00 EUR)')
  expect(mails[0]?.body).toContain('Week from 2026-03-09 to 2026-03-15 (UTC)')
})

const subscribe = async (
  userId: string,
  plan: string,
  renews: string,
  changes: { status?: string; cancelled?: string } = {},
) =>
  own.sql(
    'INSERT INTO subscriptions (user_id, plan, renews_at, status, cancelled_at) VALUES ($1, $2, $3, $4, $5)',
    [userId, plan, renews, changes.status ?? 'active', changes.cancelled ?? null],
  )

const charges = () =>
  own.sql<{ email: string; period: string; amount_cents: number }>(
    `SELECT email, period::text, amount_cents FROM subscription_charges
     JOIN subscriptions ON subscriptions.id = subscription_id JOIN users ON users.id = user_id ORDER BY 1, 2`,
  )

test('subscriptions are charged once a month, at the end of short months too, and missed months are made up for', async () => {
  await subscribe(await user('anna@example.com'), 'basic', '2026-01-31T08:00:00Z')
  await subscribe(await user('bert@example.com'), 'plus', '2026-03-31T08:00:00Z')
  await subscribe(await user('carl@example.com'), 'basic', '2026-01-01T08:00:00Z', {
    status: 'cancelled',
    cancelled: '2026-01-01',
  })
  await subscribe(await user('dora@example.com', { disabled: true }), 'basic', '2026-01-01T08:00:00Z')
  await subscribe(await user('emil@example.com'), 'of a kind that nobody sells', '2026-01-01T08:00:00Z')
  const job = monthlySubscriptions(silent)
  await run(job, '2026-02-01T03:00:00Z')
  await run(job, '2026-02-01T03:00:00Z')
  await run(job, '2026-02-28T03:00:00Z')
  expect(await charges()).toEqual([{ email: 'anna@example.com', period: '2026-01-31', amount_cents: 499 }])
  await run(job, '2026-05-01T03:00:00Z')
  expect(
    (await charges()).map(({ email, period, amount_cents }) => `${email} ${period} ${amount_cents}`),
  ).toEqual([
    'anna@example.com 2026-01-31 499',
    'anna@example.com 2026-02-28 499',
    'anna@example.com 2026-03-31 499',
    'anna@example.com 2026-04-30 499',
    'bert@example.com 2026-03-31 999',
    'bert@example.com 2026-04-30 999',
  ])
  const renewals = await own.sql<{ renews_at: Date }>(
    "SELECT renews_at FROM subscriptions WHERE plan = 'basic' AND anchor_day = 31",
  )
  expect(renewals).toEqual([{ renews_at: new Date('2026-05-31T08:00:00Z') }])
  expect(
    await own.sql("SELECT count(*)::int AS mails FROM outgoing_mails WHERE kind = 'subscription-renewal'"),
  ).toEqual([{ mails: 6 }])
})

test('a sample of health is kept for its slot, once', async () => {
  const ask = (async () =>
    Response.json({ status: 'healthy', services: { redis: 'up' }, version: '1.0.0' })) as typeof fetch
  const job = healthCheck(database, 'http://edge/api/health', ask)
  const slot = new Date('2026-03-10T10:05:00Z')
  for (let times = 0; times < 2; times++) await job.run(slot, { signal: never, now: slot })
  const refused = (async () => Promise.reject(new TypeError('fetch failed'))) as typeof fetch
  const next = new Date('2026-03-10T10:10:00Z')
  await healthCheck(database, 'http://edge/api/health', refused).run(next, { signal: never, now: next })
  expect(
    await own.sql('SELECT slot, status, http_status, services, failure FROM health_samples ORDER BY slot'),
  ).toEqual([
    { slot, status: 'healthy', http_status: 200, services: { redis: 'up' }, failure: null },
    { slot: next, status: 'unreachable', http_status: null, services: {}, failure: 'fetch failed' },
  ])
})

test('the clean-up deletes what is too old, and nothing else', async () => {
  const now = new Date('2026-06-01T03:30:00Z')
  const ago = (days: number) => new Date(now.getTime() - days * 86_400_000).toISOString()
  const event = (days: number) =>
    own.sql("INSERT INTO outbox (event, order_id, payload, created_at) VALUES ('x', $1, '{}', $2)", [
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
    await own.sql("INSERT INTO cron_run (job, slot, status) VALUES ($1, $2, 'finished')", [job, ago(days)])
  for (const days of [40, 10])
    await own.sql("INSERT INTO health_samples (slot, status, latency_ms) VALUES ($1, 'healthy', 1)", [
      ago(days),
    ])
  const probe = await order(
    { email: 'p@example.com', cents: 1, placed: ago(8), paid: ago(8) },
    { probe: true },
  )
  await own.sql(
    "INSERT INTO payments (order_id, amount_cents, status, reference) VALUES ($1, 1, 'taken', 'x')",
    [probe],
  )
  const young = await order({ email: 'p@example.com', cents: 1, placed: ago(6) }, { probe: true })
  const real = await order({ email: 'a@example.com', cents: 1, placed: ago(300), paid: ago(300) })
  const mail = (key: string, status: string, days: number) =>
    own.sql(
      "INSERT INTO outgoing_mails (kind, recipient, subject, body, dedup_key, status, created_at) VALUES ('x', 'x', 'x', 'x', $1, $2, $3)",
      [key, status, ago(days)],
    )
  await mail('old', 'sent', 91)
  await mail('never sent', 'queued', 91)
  await mail('new', 'sent', 89)
  const newest = await newestEventId(database)

  expect(await cleanUp(database, now, never)).toEqual({
    outbox: 2,
    cronRuns: 2,
    healthSamples: 1,
    probeOrders: 1,
    mails: 1,
  })
  expect(await cleanUp(database, now, never)).toEqual({
    outbox: 0,
    cronRuns: 0,
    healthSamples: 0,
    probeOrders: 0,
    mails: 0,
  })
  expect(await newestEventId(database)).toBe(newest)
  expect(await own.sql('SELECT job, slot FROM cron_run ORDER BY job')).toEqual([
    { job: 'often', slot: new Date(ago(1)) },
    { job: 'seldom', slot: new Date(ago(200)) },
  ])
  const left = await own.sql<{ id: string }>('SELECT id FROM orders')
  expect(left.map(({ id }) => id).toSorted()).toEqual([young, real].toSorted())
  expect(await own.sql('SELECT dedup_key FROM outgoing_mails ORDER BY 1')).toEqual([
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
