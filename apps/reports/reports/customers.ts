import { Prisma } from '../../../prisma/generated/client.ts'
import { percent, plain } from './numbers.ts'
import type { Range } from './range.ts'
import { report } from './report.ts'
import { soldIn } from './sql.ts'

type Totals = { customers: bigint; new_customers: bigint; repeated: bigint }
type CohortMonth = {
  month: string
  cohort: bigint
  offset: number
  customers: bigint
  orders: bigint
  revenue_cents: bigint
}

/**
 * Who bought. A customer is an e-mail address in any letter case, so that guests and users are one if they are. Those
 * whose first order lies in the range are new, and form the cohort of that month; `repeat_percent` is how many of all
 * customers had bought more than once by the end of the range.
 */
export const customers = report({
  async compute(transaction, range) {
    const [counted] = (await transaction.$queryRaw<Totals[]>(countCustomers(range))).map(plain)
    const rows = (await transaction.$queryRaw<CohortMonth[]>(cohortMonths(range))).map(plain)
    const { customers, new_customers, repeated } = counted ?? { customers: 0, new_customers: 0, repeated: 0 }
    const totals = {
      ...{ customers, new_customers },
      returning_customers: customers - new_customers,
      repeat_percent: percent(repeated, customers),
    }
    const cohorts = [...Map.groupBy(rows, ({ month }) => month)].map(([month, rows]) => ({
      month,
      customers: rows[0]?.cohort ?? 0,
      months: rows.map(({ offset, customers, orders, revenue_cents }) => ({
        ...{ offset, customers, orders, revenue_cents },
      })),
    }))
    return { totals, cohorts }
  },
  tables: {
    cohorts: ({ cohorts }) => ({
      columns: ['month', 'cohort_customers', 'offset', 'customers', 'orders', 'revenue_cents'],
      rows: cohorts.flatMap(({ month, customers, months }) =>
        months.map((row) => ({ month, cohort_customers: customers, ...row })),
      ),
    }),
  },
})

const countCustomers = ({ start, end }: Range): Prisma.Sql => Prisma.sql`
  SELECT count(*) AS customers, count(*) FILTER (WHERE first >= ${start}::timestamptz) AS new_customers,
    count(*) FILTER (WHERE orders > 1) AS repeated
  FROM (
    SELECT min(paid_at) AS first, max(paid_at) AS last, count(*) AS orders
    FROM orders WHERE NOT probe AND paid_at < ${end}::timestamptz GROUP BY lower(email)
  ) AS customers
  WHERE last >= ${start}::timestamptz`

const cohortMonths = (range: Range): Prisma.Sql => Prisma.sql`
  WITH newcomers AS (
    SELECT lower(email) AS customer, ${monthNumber(Prisma.sql`min(paid_at)`)} AS month
    FROM orders WHERE NOT probe AND paid_at < ${range.end}::timestamptz
    GROUP BY 1 HAVING min(paid_at) >= ${range.start}::timestamptz
  ), bought AS (
    SELECT month, ${monthNumber(Prisma.sql`paid_at`)} - month AS after, count(DISTINCT customer) AS customers,
      count(*) AS orders, sum(total_cents) AS cents
    FROM newcomers JOIN orders ON lower(orders.email) = customer WHERE ${soldIn(range)} GROUP BY 1, 2
  ), cohorts AS (
    SELECT month, count(*) AS customers FROM newcomers GROUP BY month
  )
  SELECT month / 12 || '-' || lpad((month % 12 + 1)::text, 2, '0') AS month, cohorts.customers AS cohort,
    after AS offset, coalesce(bought.customers, 0) AS customers, coalesce(bought.orders, 0) AS orders,
    coalesce(cents, 0) AS revenue_cents
  FROM cohorts
    CROSS JOIN generate_series(0, ${monthNumber(Prisma.sql`${`${range.to}T00:00:00Z`}::timestamptz`)} - month) AS after
    LEFT JOIN bought USING (month, after)
  ORDER BY cohorts.month, after`

/** Months since the year 0, in UTC, so that their differences are months. */
function monthNumber(moment: Prisma.Sql): Prisma.Sql {
  const utc = Prisma.sql`${moment} AT TIME ZONE 'UTC'`
  return Prisma.sql`(extract(year FROM ${utc}) * 12 + extract(month FROM ${utc}) - 1)::int`
}
