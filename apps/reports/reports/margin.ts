import { Prisma } from '../../../prisma/generated/client.ts'
import { percent, plain, sum } from './numbers.ts'
import type { Range } from './range.ts'
import { report } from './report.ts'
import { daysOf, soldByProductAndDay, spentIn } from './sql.ts'

type Row = {
  day: string
  revenue_cents: bigint
  revenue_without_cost_cents: bigint
  cost_cents: bigint
  spend_cents: bigint
}

/**
 * What is left of the revenue after costs and advertising. Revenue from products whose cost is not known is no margin:
 * margin = revenue - revenue without cost - cost - spend, in percent of the revenue that has a cost.
 */
export const margin = report({
  async compute(transaction, range) {
    const rows = (await transaction.$queryRaw<Row[]>(marginByDay(range))).map(plain)
    const days = rows.map((row) => ({
      ...row,
      margin_cents: row.revenue_cents - row.revenue_without_cost_cents - row.cost_cents - row.spend_cents,
    }))
    const totals = {
      revenue_cents: sum(days, 'revenue_cents'),
      revenue_without_cost_cents: sum(days, 'revenue_without_cost_cents'),
      cost_cents: sum(days, 'cost_cents'),
      spend_cents: sum(days, 'spend_cents'),
      margin_cents: sum(days, 'margin_cents'),
    }
    const known = totals.revenue_cents - totals.revenue_without_cost_cents
    return { totals: { ...totals, margin_percent: percent(totals.margin_cents, known) }, days }
  },
  tables: {
    days: ({ days }) => ({
      columns: [
        ...['day', 'revenue_cents', 'revenue_without_cost_cents', 'cost_cents', 'spend_cents'],
        'margin_cents',
      ],
      rows: days,
    }),
  },
})

const marginByDay = (range: Range): Prisma.Sql => Prisma.sql`
  WITH sold AS (
    SELECT day, sum(revenue_cents)::bigint AS revenue, sum(cost_cents)::bigint AS cost,
      sum(revenue_cents) FILTER (WHERE cost_cents IS NULL)::bigint AS without
    FROM (${soldByProductAndDay(range)}) AS products GROUP BY day
  ), spent AS (
    SELECT day, sum(spend_cents) AS spend FROM ad_spend WHERE ${spentIn(range)} GROUP BY day
  )
  SELECT day::text, coalesce(revenue, 0) AS revenue_cents, coalesce(without, 0) AS revenue_without_cost_cents,
    coalesce(cost, 0) AS cost_cents, coalesce(spend, 0) AS spend_cents
  FROM ${daysOf(range)} LEFT JOIN sold USING (day) LEFT JOIN spent USING (day) ORDER BY day`
