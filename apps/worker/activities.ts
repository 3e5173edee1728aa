import { ApplicationFailure } from '@temporalio/common'
import type { Database, Transaction } from '../core/database.ts'
import { type ChangedOrder, cancelOrder, complete, markPaid, refundOrder } from '../core/order-changes.ts'
import { isTakenBack } from '../core/order-status.ts'
import { wakeReaders } from '../core/outbox.ts'
import type { Redis } from '../core/redis.ts'
import { PAYMENT_DECLINED } from './fulfilment.ts'
import { type Mails, mailOf } from './mails.ts'
import type { Payments } from './payments.ts'

export type ActivityParts = {
  database: Database
  redis: Redis
  payments: Payments
  mails: Mails
  /** Tells whoever keeps answers about stock; never rejects. */
  stockChanged: () => Promise<void>
  /** Sees to it that others are told of an order that is completed; not given where nobody is. */
  announce?: ((orderId: string) => Promise<void>) | undefined
  now?: () => Date
}

export type Activities = ReturnType<typeof createActivities>

/**
 * What workflows may do to the world. Temporal repeats an activity, and after a crash all of an order's, so each looks
 * at the order first and can be repeated without harm. Each answers the status that the order has afterwards.
 */
export function createActivities(parts: ActivityParts) {
  const { database, redis, payments, mails, stockChanged, announce, now = () => new Date() } = parts

  async function read(id: string) {
    const order = await database.order.findUnique({ where: { id } })
    if (!order) throw ApplicationFailure.nonRetryable(`order ${id} does not exist`, 'OrderNotFound')
    return order
  }

  /** Tries a change of status; where there is nothing to change, the order stays as it is. */
  async function attempt(
    id: string,
    change: (transaction: Transaction) => Promise<ChangedOrder | undefined>,
  ): Promise<string> {
    const changed = await database.$transaction(change)
    if (!changed) return (await read(id)).status
    await wakeReaders(redis)
    return changed.status
  }

  return {
    /** An order holds its stock from the transaction that placed it to the one that cancels it. */
    async confirmReservation(id: string): Promise<string> {
      return (await read(id)).status
    },

    /** Fails for good, with words for the customer, when the payment is declined. A probe costs nothing. */
    async takePayment(id: string): Promise<string> {
      const order = await read(id)
      if (order.status !== 'pending') return order.status
      const payment = order.probe ? { outcome: 'taken' as const } : await payments.take(order)
      if (payment.outcome === 'declined')
        throw ApplicationFailure.nonRetryable(payment.reason, PAYMENT_DECLINED)
      return attempt(id, (transaction) => markPaid(transaction, id, now()))
    },

    /** Gives the money of an order back that was taken back; leaves any other as it is. */
    async refundPayment(id: string): Promise<string> {
      const { status } = await read(id)
      if (isTakenBack(status)) await payments.refund(id)
      return status
    },

    /** Tells the customer how it stands with the order; nobody waits for news of a probe. */
    async mailCustomer(id: string): Promise<string> {
      const order = await read(id)
      const mail = order.probe ? undefined : mailOf(order)
      if (mail) await mails.send(mail)
      return order.status
    },

    async shipOrder(id: string): Promise<string> {
      return attempt(id, (transaction) => complete(transaction, id, ['paid'], now()))
    },

    /** A probe is nobody's business. */
    async announceOrder(id: string): Promise<string> {
      if (!announce) return 'nobody to tell'
      const order = await read(id)
      if (!order.probe && order.status === 'completed') await announce(id)
      return order.status
    },

    /** Cancels what is not shipped; `failure` says why if the shop itself gives up. */
    async releaseOrder(id: string, failure?: string): Promise<string> {
      const status = await attempt(id, (transaction) =>
        cancelOrder(transaction, id, { from: ['pending', 'paid'], at: now(), failure }),
      )
      if (status === 'cancelled') await stockChanged()
      return status
    },

    /** Takes back what is shipped. */
    async beginRefund(id: string): Promise<string> {
      return attempt(id, (transaction) => refundOrder(transaction, id, now()))
    },

    /** All that releases before the workflow's steps did; histories of theirs still ask for it. */
    async completeOrder(id: string): Promise<string> {
      return attempt(id, (transaction) => complete(transaction, id, ['pending', 'paid'], now()))
    },
  }
}
