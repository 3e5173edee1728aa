import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { dailyAnalytics } from '../../../apps/cron/jobs/daily-analytics.ts'
import { weeklyEngagement } from '../../../apps/cron/jobs/weekly-engagement.ts'
import { openShop, type Shop } from './shop.ts'

let shop: Shop

beforeAll(async () => {
  shop = await openShop()
})
afterAll(() => shop?.own.drop())
beforeEach(() => shop.empty())

/** Orders around Tuesday, 10 March 2026 (UTC); the week begins on the 9th. */
async function march() {
  const on = (day: string, time = '12:00') => `2026-03-${day}T${time}:00Z`
  await shop.order({ email: 'Anna@example.com', cents: 1000, placed: on('04'), paid: on('04') })
  await shop.order({
    email: 'carl@example.com',
    cents: 700,
    placed: on('05'),
    paid: on('05'),
    refunded: on('10'),
  })
  await shop.order(
    { email: 'anna@example.com', cents: 2000, placed: on('10', '00:00'), paid: on('10', '00:00') },
    { quantity: 3 },
  )
  await shop.order({
    email: 'bert@example.com',
    cents: 3000,
    placed: on('09', '23:59'),
    paid: on('10', '09:00'),
  })
  await shop.order({
    email: 'BERT@example.com',
    cents: 500,
    placed: on('10', '10:00'),
    paid: on('10', '23:59'),
  })
  await shop.order({ email: 'dora@example.com', cents: 9900, placed: on('10'), paid: on('11', '00:00') })
  await shop.order({ email: 'emil@example.com', cents: 800, placed: on('10'), cancelled: on('10', '13:00') })
  await shop.order(
    { email: 'probe@example.com', cents: 100, placed: on('10'), paid: on('10') },
    { probe: true },
  )
  await shop.user('anna@example.com', { created: on('10', '00:00') })
  await shop.user('bert@example.com', { created: on('11', '00:00') })
}

test('the figures of a day are those counted by hand, and the same when it runs again', async () => {
  await march()
  for (let times = 0; times < 2; times++) await shop.run(dailyAnalytics(), '2026-03-11T00:15:00Z')
  expect(
    await shop.own.sql(
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
  await shop.run(dailyAnalytics(), '2026-03-20T00:15:00Z')
  expect(await shop.own.sql('SELECT day::text, orders, revenue_cents::int FROM daily_analytics')).toEqual([
    { day: '2026-03-19', orders: 0, revenue_cents: 0 },
  ])
})

test('the figures of a week are those counted by hand, and each administrator gets one mail', async () => {
  await march()
  await shop.user('boss@example.com', { role: 'admin' })
  await shop.user('chief@example.com', { role: 'admin' })
  await shop.user('left@example.com', { role: 'admin', disabled: true })
  await shop.run(weeklyEngagement(), '2026-03-09T06:00:00Z')
  for (let times = 0; times < 2; times++) await shop.run(weeklyEngagement(), '2026-03-16T06:00:00Z')
  expect(
    await shop.own.sql(
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
  const mails = await shop.own.sql<{ recipient: string; body: string; dedup_key: string; status: string }>(
    "SELECT recipient, body, dedup_key, status FROM outgoing_mails WHERE dedup_key LIKE '%2026-03-09%' ORDER BY recipient",
  )
  expect(mails.map(({ recipient, status }) => [recipient, status])).toEqual([
    ['boss@example.com', 'queued'],
    ['chief@example.com', 'queued'],
  ])
  expect(mails[0]?.body).toContain('Revenue:              154.00 EUR (week before: 17.00 EUR)')
  expect(mails[0]?.body).toContain('Week from 2026-03-09 to 2026-03-15 (UTC)')
})
