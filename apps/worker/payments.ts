import type { Database } from '../core/database.ts'

/** What of an order has to do with its payment. */
export type Payable = { id: string; email: string; totalCents: number }

/**
 * Takes the money for orders and gives it back. Both may be asked any number of times for the same order, also at the
 * same moment, and happen once; both reject when they cannot be reached.
 */
export type Payments = {
  /** A declined payment is an answer, not an error: asking again will not help. */
  take(order: Payable): Promise<{ outcome: 'taken' } | { outcome: 'declined'; reason: string }>
  /** Does nothing for an order of which nothing was taken. */
  refund(orderId: string): Promise<void>
}

/** The addresses that the local provider declines: `anna+decline@example.com`. */
const DECLINED = /\+decline@/i

/**
 * The provider of a shop that has none yet: it always pays and writes that down in the table `payments`, whose unique
 * order_id is what makes it idempotent. Whoever wants to see a payment fail orders with an address such as
 * anna+decline@example.com.
 */
export function localPayments(database: Database, now = () => new Date()): Payments {
  return {
    async take({ id, email, totalCents }) {
      if (DECLINED.test(email)) return { outcome: 'declined', reason: 'the payment was declined' }
      const data = { orderId: id, amountCents: totalCents, status: 'taken', reference: `local-${id}` }
      await database.payment.createMany({ data, skipDuplicates: true })
      return { outcome: 'taken' }
    },
    async refund(orderId) {
      await database.payment.updateMany({
        where: { orderId, status: { in: ['taken', 'owed'] } },
        data: { status: 'refunded', refundedAt: now() },
      })
    },
  }
}
