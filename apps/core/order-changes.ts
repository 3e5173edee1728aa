import type { Transaction } from './database.ts'
import type { OrderStatus } from './order-status.ts'
import { appendEvent } from './outbox.ts'
import { returnStock } from './stock.ts'

/**
 * The changes of an order's status. Each is made under a condition on the status it starts from, together with everything
 * that belongs to it and its event. So of two that happen at once PostgreSQL lets one go first, and the other one finds
 * that there is nothing left to do.
 */

/** The row of an order as a change left it. */
export type ChangedOrder = NonNullable<Awaited<ReturnType<typeof change>>>

/** Answers the order if this call has changed it; the same holds for the other changes. */
export async function markPaid(
  transaction: Transaction,
  id: string,
  at: Date,
): Promise<ChangedOrder | undefined> {
  const order = await change(transaction, id, ['pending'], { status: 'paid', paidAt: at })
  if (order) await appendEvent(transaction, 'order.paid', order, [], at)
  return order
}

/** Ships: the one change that counts as executing the order. */
export async function complete(
  transaction: Transaction,
  id: string,
  from: OrderStatus[],
  at: Date,
): Promise<ChangedOrder | undefined> {
  const data = { status: 'completed', completedAt: at, completions: { increment: 1 } }
  const order = await change(transaction, id, from, data)
  if (order) await appendEvent(transaction, 'order.completed', order, [], at)
  return order
}

/** `failure` says, in words for the customer, why the shop takes the order back; without it somebody asked for it. */
export type Cancellation = { from: OrderStatus[]; at: Date; failure?: string | undefined }

/** Gives the stock back, and from here on owes what was paid. */
export async function cancelOrder(
  transaction: Transaction,
  id: string,
  { from, at, failure }: Cancellation,
): Promise<ChangedOrder | undefined> {
  const data = { status: 'cancelled', cancelledAt: at, ...(failure && { failure }) }
  const order = await change(transaction, id, from, data)
  if (!order) return undefined
  await oweMoney(transaction, id)
  // A probe took none.
  const stock = order.probe ? [] : await returnStock(transaction, id)
  await appendEvent(transaction, failure ? 'order.failed' : 'order.cancelled', order, stock, at)
  return order
}

/** Owes the money of an order that was shipped; its goods are not back, so its stock is not either. */
export async function refundOrder(
  transaction: Transaction,
  id: string,
  at: Date,
): Promise<ChangedOrder | undefined> {
  const order = await change(transaction, id, ['completed'], { status: 'refunded', refundedAt: at })
  if (!order) return undefined
  await oweMoney(transaction, id)
  await appendEvent(transaction, 'order.refunded', order, [], at)
  return order
}

type Data = Parameters<Transaction['order']['updateManyAndReturn']>[0]['data']

async function change(transaction: Transaction, id: string, from: OrderStatus[], data: Data) {
  const where = { id, status: { in: from } }
  return (await transaction.order.updateManyAndReturn({ where, data }))[0]
}

/** In the transaction that takes the order back, so that the debt is known whatever becomes of its workflow. */
async function oweMoney(transaction: Transaction, orderId: string): Promise<void> {
  await transaction.payment.updateMany({ where: { orderId, status: 'taken' }, data: { status: 'owed' } })
}
