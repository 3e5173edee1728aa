import { Prisma } from '../../../prisma/generated/client.ts'
import { plain, quotient, sum } from './numbers.ts'
import type { Range } from './range.ts'
import { report } from './report.ts'
import { daysOf, paidDay, soldIn, spentIn } from './sql.ts'

type Channel = {
  channel: string
  spend_cents: bigint
  clicks: bigint
  impressions: bigint
  orders: bigint
  revenue_cents: bigint
}
type Day = { day: string; spend_cents: bigint; revenue_cents: bigint }

/**
 * What advertising cost and brought: the channels that money was spent on in the range, and the orders of customers who
 * came by them. `return_on_spend` is revenue per money spent, to two decimals.
 */
export const advertising = report({
  async compute(transaction, range) {
    const found = (await transaction.$queryRaw<Channel[]>(spendByChannel(range))).map(plain)
    const days = (await transaction.$queryRaw<Day[]>(spendByDay(range))).map(plain)
    const channels = found.map((row) => ({
      ...row,
      cost_per_order_cents: quotient(row.spend_cents, row.orders),
      return_on_spend: quotient(row.revenue_cents, row.spend_cents, 2),
    }))
    const totals = {
      spend_cents: sum(channels, 'spend_cents'),
      clicks: sum(channels, 'clicks'),
      impressions: sum(channels, 'impressions'),
      orders: sum(channels, 'orders'),
      revenue_cents: sum(channels, 'revenue_cents'),
    }
    const return_on_spend = quotient(totals.revenue_cents, totals.spend_cents, 2)
    return { totals: { ...totals, return_on_spend }, channels, days }
  },
  tables: {
    channels: ({ channels }) => ({
      columns: [
        ...['channel', 'spend_cents', 'clicks', 'impressions', 'orders', 'revenue_cents'],
        ...['cost_per_order_cents', 'return_on_spend'],
      ],
      rows: channels,
    }),
    days: ({ days }) => ({ columns: ['day', 'spend_cents', 'revenue_cents'], rows: days }),
  },
})

const spendByChannel = (range: Range): Prisma.Sql => Prisma.sql`
  WITH spent AS (
    SELECT channel, sum(spend_cents) AS spend_cents, sum(clicks) AS clicks, sum(impressions) AS impressions
    FROM ad_spend WHERE ${spentIn(range)} GROUP BY channel
  ), sold AS (
    SELECT channel, count(*) AS orders, sum(total_cents) AS revenue_cents
    FROM orders WHERE ${soldIn(range)} GROUP BY channel
  )
  SELECT channel, spend_cents, clicks, impressions, coalesce(orders, 0) AS orders,
    coalesce(revenue_cents, 0) AS revenue_cents
  FROM spent LEFT JOIN sold USING (channel) ORDER BY spend_cents DESC, channel`

const spendByDay = (range: Range): Prisma.Sql => Prisma.sql`
  WITH spent AS (
    SELECT day, sum(spend_cents) AS cents FROM ad_spend WHERE ${spentIn(range)} GROUP BY day
  ), sold AS (
    SELECT ${paidDay} AS day, sum(total_cents) AS cents FROM orders
    WHERE ${soldIn(range)} AND channel IN (SELECT channel FROM ad_spend WHERE ${spentIn(range)}) GROUP BY 1
  )
  SELECT day::text, coalesce(spent.cents, 0) AS spend_cents, coalesce(sold.cents, 0) AS revenue_cents
  FROM ${daysOf(range)} LEFT JOIN spent USING (day) LEFT JOIN sold USING (day) ORDER BY day`
