import type { Transaction } from '../../core/database.ts'
import type { Log } from '../../core/log.ts'
import { DAY_MS, type TransactionalJob } from '../job.ts'
import { isoDay } from './day.ts'
import { monthAfter } from './months.ts'

const PAGE = 200

/** Every night (UTC): charges the subscriptions whose month is over. Each period is charged once, also late ones. */
export function monthlySubscriptions(log: Pick<Log, 'info' | 'warn'>): TransactionalJob {
  return {
    name: 'monthly-subscriptions',
    schedule: '0 3 * * *',
    // A later slot charges what an earlier one would have.
    catchUp: { policy: 'last', withinMs: 31 * DAY_MS },
    limitMs: 60_000,
    transactional: true,
    async run(slot, { transaction, signal }) {
      const { charges, unpriced } = await renewDue(transaction, slot, signal)
      if (unpriced.length > 0)
        log.warn({ plans: unpriced }, 'subscriptions of plans without a price are not renewed')
      log.info({ charges }, 'renewed subscriptions')
    },
  }
}

type Due = { id: string; plan: string; renewsAt: Date; anchorDay: number | null; email: string }

/**
 * Charges every period of active subscriptions that began by `upTo` and moves each to its next renewal. Whoever's account
 * is disabled is not charged. Answers how many periods were charged, and the plans that have no price.
 */
export async function renewDue(
  transaction: Transaction,
  upTo: Date,
  signal?: AbortSignal,
): Promise<{ charges: number; unpriced: string[] }> {
  const plans = await transaction.subscriptionPlan.findMany()
  const prices = new Map(plans.map(({ plan, priceCents }) => [plan, priceCents]))
  const unpriced = new Set<string>()
  let charges = 0
  for (let after = '00000000-0000-0000-0000-000000000000'; ; ) {
    signal?.throwIfAborted()
    const page = await transaction.$queryRaw<Due[]>`
      SELECT s.id, s.plan, s.renews_at AS "renewsAt", s.anchor_day AS "anchorDay", u.email
      FROM subscriptions s JOIN users u ON u.id = s.user_id
      WHERE s.status = 'active' AND s.cancelled_at IS NULL AND u.disabled_at IS NULL
        AND s.renews_at <= ${upTo} AND s.id > ${after}::uuid
      ORDER BY s.id LIMIT ${PAGE} FOR UPDATE OF s`
    for (const due of page) {
      const price = prices.get(due.plan)
      if (price === undefined) unpriced.add(due.plan)
      else charges += await renew(transaction, due, price, upTo)
    }
    const last = page.at(-1)
    if (!last || page.length < PAGE) return { charges, unpriced: [...unpriced] }
    after = last.id
  }
}

async function renew(transaction: Transaction, due: Due, amountCents: number, upTo: Date): Promise<number> {
  const { id, plan, email } = due
  const anchorDay = due.anchorDay ?? due.renewsAt.getUTCDate()
  const periods: Date[] = []
  let renewsAt = due.renewsAt
  for (; renewsAt <= upTo; renewsAt = monthAfter(renewsAt, anchorDay)) periods.push(renewsAt)
  const charged = await transaction.subscriptionCharge.createMany({
    data: periods.map((period) => ({
      subscriptionId: id,
      period: new Date(isoDay(period)),
      plan,
      amountCents,
    })),
    skipDuplicates: true,
  })
  await transaction.outgoingMail.createMany({
    data: periods.map((period) => ({
      ...{ kind: 'subscription-renewal', recipient: email, dedupKey: `subscription:${id}:${isoDay(period)}` },
      subject: `Your subscription ${plan} is renewed`,
      body: `We have charged ${(amountCents / 100).toFixed(2)} EUR for the month from ${isoDay(period)}.\n`,
    })),
    skipDuplicates: true,
  })
  await transaction.subscription.update({ where: { id }, data: { renewsAt, anchorDay } })
  return charged.count
}
