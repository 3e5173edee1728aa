import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { monthlySubscriptions } from '../../../apps/cron/jobs/monthly-subscriptions.ts'
import { openShop, type Shop, silent } from './shop.ts'

let shop: Shop

beforeAll(async () => {
  shop = await openShop()
})
afterAll(() => shop?.own.drop())
beforeEach(() => shop.empty())

const subscribe = async (
  userId: string,
  plan: string,
  renews: string,
  changes: { status?: string; cancelled?: string } = {},
) =>
  shop.own.sql(
    'INSERT INTO subscriptions (user_id, plan, renews_at, status, cancelled_at) VALUES ($1, $2, $3, $4, $5)',
    [userId, plan, renews, changes.status ?? 'active', changes.cancelled ?? null],
  )

const charges = () =>
  shop.own.sql<{ email: string; period: string; amount_cents: number }>(
    `SELECT email, period::text, amount_cents FROM subscription_charges
     JOIN subscriptions ON subscriptions.id = subscription_id JOIN users ON users.id = user_id ORDER BY 1, 2`,
  )

test('subscriptions are charged once a month, at the end of short months too, and missed months are made up for', async () => {
  await subscribe(await shop.user('anna@example.com'), 'basic', '2026-01-31T08:00:00Z')
  await subscribe(await shop.user('bert@example.com'), 'plus', '2026-03-31T08:00:00Z')
  await subscribe(await shop.user('carl@example.com'), 'basic', '2026-01-01T08:00:00Z', {
    status: 'cancelled',
    cancelled: '2026-01-01',
  })
  await subscribe(await shop.user('dora@example.com', { disabled: true }), 'basic', '2026-01-01T08:00:00Z')
  await subscribe(await shop.user('emil@example.com'), 'of a kind that nobody sells', '2026-01-01T08:00:00Z')
  const job = monthlySubscriptions(silent)
  await shop.run(job, '2026-02-01T03:00:00Z')
  await shop.run(job, '2026-02-01T03:00:00Z')
  await shop.run(job, '2026-02-28T03:00:00Z')
  expect(await charges()).toEqual([{ email: 'anna@example.com', period: '2026-01-31', amount_cents: 499 }])
  await shop.run(job, '2026-05-01T03:00:00Z')
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
  const renewals = await shop.own.sql<{ renews_at: Date }>(
    "SELECT renews_at FROM subscriptions WHERE plan = 'basic' AND anchor_day = 31",
  )
  expect(renewals).toEqual([{ renews_at: new Date('2026-05-31T08:00:00Z') }])
  expect(
    await shop.own.sql(
      "SELECT count(*)::int AS mails FROM outgoing_mails WHERE kind = 'subscription-renewal'",
    ),
  ).toEqual([{ mails: 6 }])
})
