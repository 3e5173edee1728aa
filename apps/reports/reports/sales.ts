import { Prisma } from '../../../prisma/generated/client.ts'
import { plain, quotient, sum } from './numbers.ts'
import type { Range } from './range.ts'
import { report } from './report.ts'
import { daysOf, paidDay, refundDay, refundedIn, soldIn } from './sql.ts'

type Day = { day: string; orders: bigint; items: bigint; revenue_cents: bigint; refunded_cents: bigint }
type Channel = { channel: string; orders: bigint; revenue_cents: bigint }

/** What was sold and refunded: each on the day on which it happened, so one day may refund more than it sells. */
export const sales = report({
  async compute(transaction, range) {
    const days = (await transaction.$queryRaw<Day[]>(salesByDay(range))).map(plain)
    const channels = (await transaction.$queryRaw<Channel[]>(salesByChannel(range))).map(plain)
    const totals = {
      orders: sum(days, 'orders'),
      items: sum(days, 'items'),
      revenue_cents: sum(days, 'revenue_cents'),
      refunded_cents: sum(days, 'refunded_cents'),
    }
    const average_cents = quotient(totals.revenue_cents, totals.orders)
    return { totals: { ...totals, average_cents }, days, channels }
  },
  tables: {
    days: ({ days }) => ({
      columns: ['day', 'orders', 'items', 'revenue_cents', 'refunded_cents'],
      rows: days,
    }),
    channels: ({ channels }) => ({ columns: ['channel', 'orders', 'revenue_cents'], rows: channels }),
  },
})

export const salesByDay = (range: Range): Prisma.Sql => Prisma.sql`
  WITH sold AS (
    SELECT ${paidDay} AS day, count(*) AS orders, sum(total_cents) AS cents
    FROM orders WHERE ${soldIn(range)} GROUP BY 1
  ), pieces AS (
    SELECT ${paidDay} AS day, sum(quantity) AS items
    FROM orders JOIN order_items ON order_items.order_id = orders.id WHERE ${soldIn(range)} GROUP BY 1
  ), refunded AS (
    SELECT ${refundDay} AS day, sum(total_cents) AS cents
    FROM orders WHERE ${refundedIn(range)} GROUP BY 1
  )
  SELECT day::text, coalesce(sold.orders, 0) AS orders, coalesce(pieces.items, 0) AS items,
    coalesce(sold.cents, 0) AS revenue_cents, coalesce(refunded.cents, 0) AS refunded_cents
  FROM ${daysOf(range)}
    LEFT JOIN sold USING (day) LEFT JOIN pieces USING (day) LEFT JOIN refunded USING (day)
  ORDER BY day`

const salesByChannel = (range: Range): Prisma.Sql => Prisma.sql`
  SELECT channel, count(*) AS orders, sum(total_cents) AS revenue_cents
  FROM orders WHERE ${soldIn(range)} GROUP BY channel ORDER BY revenue_cents DESC, channel`
