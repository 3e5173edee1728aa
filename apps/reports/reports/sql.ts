import { Prisma } from '../../../prisma/generated/client.ts'
import type { Range } from './range.ts'

/** Which orders count as sold in a range: those that were paid then, whatever became of them. Probes sell nothing. */
export const soldIn = ({ start, end }: Range): Prisma.Sql => Prisma.sql`
  NOT orders.probe AND orders.paid_at >= ${start}::timestamptz AND orders.paid_at < ${end}::timestamptz`

/** When the money of an order went back: it was refunded after it was sent, or paid for and cancelled before. */
const givenBackAt = Prisma.sql`coalesce(orders.refunded_at, orders.cancelled_at)`

/** Of which orders the money went back in a range, whenever they were sold. The status has an index, the time none. */
export const refundedIn = ({ start, end }: Range): Prisma.Sql => Prisma.sql`
  NOT orders.probe AND orders.status IN ('refunded', 'cancelled') AND orders.paid_at IS NOT NULL
  AND ${givenBackAt} >= ${start}::timestamptz AND ${givenBackAt} < ${end}::timestamptz`

/** The day of UTC in which an order was paid. */
export const paidDay = Prisma.sql`(orders.paid_at AT TIME ZONE 'UTC')::date`
export const refundDay = Prisma.sql`(${givenBackAt} AT TIME ZONE 'UTC')::date`

/** A row for each day of a range: days(day date). */
export const daysOf = ({ from, to }: Range): Prisma.Sql => Prisma.sql`
  (SELECT ${from}::date + number AS day FROM generate_series(0, ${to}::date - ${from}::date) AS number) AS days`

/** Days of advertising in a range. */
export const spentIn = ({ from, to }: Range): Prisma.Sql => Prisma.sql`
  ad_spend.day BETWEEN ${from}::date AND ${to}::date`

/**
 * What was sold of each product on each day, as a query: product_id, day, quantity, revenue_cents, and cost_cents, which
 * is null where nobody has told what the product cost on that day.
 */
export const soldByProductAndDay = (range: Range): Prisma.Sql => Prisma.sql`
  SELECT sold.*, sold.quantity * cost.cost_cents AS cost_cents
  FROM (
    SELECT product_id, ${paidDay} AS day, sum(quantity)::bigint AS quantity,
      sum(quantity * price_cents::bigint)::bigint AS revenue_cents
    FROM orders JOIN order_items ON order_items.order_id = orders.id
    WHERE ${soldIn(range)} GROUP BY 1, 2
  ) AS sold
  LEFT JOIN LATERAL (
    SELECT cost_cents FROM product_costs
    WHERE product_costs.product_id = sold.product_id AND valid_from <= sold.day
    ORDER BY valid_from DESC LIMIT 1
  ) AS cost ON true`
