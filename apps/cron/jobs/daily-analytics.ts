import type { Transaction } from '../../core/database.ts'
import { DAY_MS, type TransactionalJob } from '../job.ts'
import { utcDay } from './day.ts'

/** Shortly after midnight (UTC): the figures of the day before. */
export function dailyAnalytics(): TransactionalJob {
  return {
    name: 'daily-analytics',
    schedule: '15 0 * * *',
    catchUp: { policy: 'all', withinMs: 7 * DAY_MS },
    transactional: true,
    run: (slot, { transaction }) => analyseDay(transaction, utcDay(slot, -1)),
  }
}

/**
 * Writes the row of a UTC day, again if it is there. As in the reports: revenue and customers are those of the orders
 * that were paid on the day, refunds count on the day of the refund, a customer is an address whatever its case, and the
 * kit's probes are nobody's orders.
 */
export async function analyseDay(transaction: Transaction, day: Date): Promise<void> {
  const next = utcDay(day, 1)
  await transaction.$executeRaw`
    WITH paid AS (
      SELECT id, lower(email) AS customer, total_cents FROM orders
      WHERE NOT probe AND paid_at >= ${day} AND paid_at < ${next}
    ), customers AS (
      SELECT DISTINCT customer FROM paid
    )
    INSERT INTO daily_analytics (day, orders, paid_orders, cancelled_orders, items, revenue_cents, refunded_cents,
      customers, new_customers, new_users)
    SELECT (${day}::timestamptz AT TIME ZONE 'UTC')::date,
      (SELECT count(*) FROM orders WHERE NOT probe AND created_at >= ${day} AND created_at < ${next}),
      (SELECT count(*) FROM paid),
      (SELECT count(*) FROM orders WHERE NOT probe AND cancelled_at >= ${day} AND cancelled_at < ${next}),
      (SELECT coalesce(sum(quantity), 0) FROM order_items WHERE order_id IN (SELECT id FROM paid)),
      (SELECT coalesce(sum(total_cents), 0) FROM paid),
      (SELECT coalesce(sum(total_cents), 0) FROM orders
        WHERE NOT probe AND refunded_at >= ${day} AND refunded_at < ${next}),
      (SELECT count(*) FROM customers),
      (SELECT count(*) FROM customers WHERE NOT EXISTS (
        SELECT FROM orders WHERE NOT probe AND lower(email) = customer AND paid_at < ${day})),
      (SELECT count(*) FROM users WHERE created_at >= ${day} AND created_at < ${next})
    ON CONFLICT (day) DO UPDATE SET
      (orders, paid_orders, cancelled_orders, items, revenue_cents, refunded_cents, customers, new_customers, new_users,
        made_at) =
      (excluded.orders, excluded.paid_orders, excluded.cancelled_orders, excluded.items, excluded.revenue_cents,
        excluded.refunded_cents, excluded.customers, excluded.new_customers, excluded.new_users, now())`
}
