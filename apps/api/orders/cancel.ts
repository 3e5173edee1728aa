import type { Database, Transaction } from '../../core/database.ts'
import { appendEvent } from '../../core/outbox.ts'
import { type Order, toOrder, withItems } from './order.ts'
import type { Item } from './request.ts'

/** Who asks: the holder of a key, or the kit on behalf of its probes. */
export type Canceller = { key: string | undefined; probe: boolean }

export type Cancelled =
  | { outcome: 'cancelled' | 'already cancelled'; order: Order }
  | { outcome: 'unknown' | 'not theirs' | 'completed' }

/**
 * Cancels an order that is not executed yet, and a probe at any time; cancelling again changes nothing. A worker may
 * complete the order at the same moment: both change its row only under a condition on the status, so PostgreSQL lets
 * one of them go first and the other sees what it left.
 */
export async function cancel(database: Database, id: string, by: Canceller): Promise<Cancelled> {
  const found = await database.order.findUnique({ where: { id }, include: withItems })
  if (!found) return { outcome: 'unknown' }
  // Until customers have accounts, the key that only they know is what makes an order theirs.
  if (by.key !== found.idempotencyKey && !(by.probe && found.probe)) return { outcome: 'not theirs' }
  const changed = await database.$transaction((transaction) => cancelOnce(transaction, found))
  const order = toOrder(await database.order.findUniqueOrThrow({ where: { id }, include: withItems }))
  if (order.status === 'completed') return { outcome: 'completed' }
  return { outcome: changed ? 'cancelled' : 'already cancelled', order }
}

/** Whoever changes the status gives the stock back, in the same transaction: so it comes back once. */
async function cancelOnce(
  transaction: Transaction,
  { id, probe, items }: { id: string; probe: boolean; items: Item[] },
): Promise<boolean> {
  const { count } = await transaction.order.updateMany({
    where: { id, status: { in: probe ? ['pending', 'completed'] : ['pending'] } },
    data: { status: 'cancelled' },
  })
  if (count === 0) return false
  // A probe took none.
  if (!probe) for (const item of items) await giveBack(transaction, item)
  await appendEvent(transaction, 'order.cancelled', { id, status: 'cancelled', probe })
  return true
}

async function giveBack(transaction: Transaction, { productId, quantity }: Item): Promise<void> {
  await transaction.$executeRaw`UPDATE products SET stock = stock + ${quantity} WHERE id = ${productId}`
}
