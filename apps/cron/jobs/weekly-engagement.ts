import type { WeeklyEngagement } from '../../../prisma/generated/client.ts'
import type { Transaction } from '../../core/database.ts'
import { DAY_MS, type TransactionalJob } from '../job.ts'
import { isoDay, utcWeek } from './day.ts'

/** On Monday morning (UTC): who bought in the week before, in a row and in a mail to the administrators. */
export function weeklyEngagement(): TransactionalJob {
  return {
    name: 'weekly-engagement',
    schedule: '0 6 * * 1',
    catchUp: { policy: 'all', withinMs: 15 * DAY_MS },
    transactional: true,
    async run(slot, { transaction }) {
      const week = utcWeek(slot, -1)
      await analyseWeek(transaction, week)
      await mailWeek(transaction, week)
    },
  }
}

/** Writes the row of the week that begins on a Monday (UTC), again if it is there. */
export async function analyseWeek(transaction: Transaction, week: Date): Promise<void> {
  const [next, before] = [utcWeek(week, 1), utcWeek(week, -1)]
  await transaction.$executeRaw`
    WITH paid AS (
      SELECT lower(email) AS customer, total_cents FROM orders
      WHERE NOT probe AND paid_at >= ${week} AND paid_at < ${next}
    ), customers AS (
      SELECT customer, count(*) AS orders, EXISTS (
        SELECT FROM orders WHERE NOT probe AND lower(email) = customer AND paid_at < ${week}) AS known
      FROM paid GROUP BY customer
    ), lapsed AS (
      SELECT DISTINCT lower(email) AS customer FROM orders
      WHERE NOT probe AND paid_at >= ${before} AND paid_at < ${week}
      EXCEPT SELECT customer FROM customers
    )
    INSERT INTO weekly_engagement (week, customers, new_customers, returning_customers, lapsed_customers,
      repeat_customers, orders, revenue_cents, new_users)
    SELECT (${week}::timestamptz AT TIME ZONE 'UTC')::date, count(*), count(*) FILTER (WHERE NOT known),
      count(*) FILTER (WHERE known), (SELECT count(*) FROM lapsed), count(*) FILTER (WHERE orders > 1),
      (SELECT count(*) FROM paid), (SELECT coalesce(sum(total_cents), 0) FROM paid),
      (SELECT count(*) FROM users WHERE created_at >= ${week} AND created_at < ${next})
    FROM customers
    ON CONFLICT (week) DO UPDATE SET
      (customers, new_customers, returning_customers, lapsed_customers, repeat_customers, orders, revenue_cents,
        new_users, made_at) =
      (excluded.customers, excluded.new_customers, excluded.returning_customers, excluded.lapsed_customers,
        excluded.repeat_customers, excluded.orders, excluded.revenue_cents, excluded.new_users, now())`
}

/** Queues the mail about a week for each administrator, once. */
async function mailWeek(transaction: Transaction, week: Date): Promise<void> {
  const report = await transaction.weeklyEngagement.findUniqueOrThrow({ where: { week } })
  const before = await transaction.weeklyEngagement.findUnique({ where: { week: utcWeek(week, -1) } })
  const where = { role: 'admin', disabledAt: null }
  const administrators = await transaction.user.findMany({ where, select: { email: true } })
  const kind = 'weekly-engagement'
  await transaction.outgoingMail.createMany({
    data: administrators.map(({ email }) => ({
      ...{ kind, recipient: email, dedupKey: `${kind}:${isoDay(week)}:${email}` },
      ...{ subject: `The week from ${isoDay(week)}`, body: textOf(report, before) },
    })),
    skipDuplicates: true,
  })
}

/** The report in words, each figure with that of the week before, if there is one. */
export function textOf(report: WeeklyEngagement, before: WeeklyEngagement | null): string {
  const euros = (cents: bigint) => `${cents / 100n}.${String(cents % 100n).padStart(2, '0')} EUR`
  const line = (title: string, value: (of: WeeklyEngagement) => string | number) =>
    `${`${title}:`.padEnd(22)}${value(report)}${before ? ` (week before: ${value(before)})` : ''}`
  return [
    `Week from ${isoDay(report.week)} to ${isoDay(new Date(utcWeek(report.week, 1).getTime() - DAY_MS))} (UTC)`,
    '',
    line('Revenue', (of) => euros(of.revenueCents)),
    line('Paid orders', (of) => of.orders),
    line('Customers', (of) => of.customers),
    line('  new', (of) => of.newCustomers),
    line('  returning', (of) => of.returningCustomers),
    line('  more than one order', (of) => of.repeatCustomers),
    line('Not seen again', (of) => of.lapsedCustomers),
    line('New accounts', (of) => of.newUsers),
    '',
  ].join('\n')
}
