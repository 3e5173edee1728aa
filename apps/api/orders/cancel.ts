import { type Actor, asActor, type Database, type Transaction } from '../../core/database.ts'
import { cancelOrder } from '../../core/order-changes.ts'
import type { OrderStatus } from '../../core/order-status.ts'
import type { Principal } from '../auth/principal.ts'
import { lookFor } from './access.ts'
import { type Order, toOrder, withItems } from './order.ts'

/** Who asks: a user, the holder of a guest's key, or the kit on behalf of its probes. */
export type Canceller = { principal: Principal | undefined; key: string | undefined; probe: boolean }

export type Cancelled =
  | { outcome: 'cancelled' | 'already cancelled'; order: Order }
  | { outcome: 'unknown' | 'not theirs' | 'completed' }

/**
 * Cancels an order that is not shipped yet, and a probe at any time; cancelling again changes nothing. A worker may
 * complete the order at the same moment: see apps/core/order-changes.ts.
 */
export async function cancel(
  database: Database,
  id: string,
  by: Canceller,
  at = new Date(),
): Promise<Cancelled> {
  const work = (transaction: Transaction) => cancelIfTheirs(transaction, id, by, at)
  const byKit = by.probe && !by.principal && by.key === undefined
  const found = byKit
    ? await asActor(database, 'service' satisfies Actor, work)
    : await lookFor(database, id, by.principal, work)
  return found ?? { outcome: 'unknown' }
}

const open: OrderStatus[] = ['pending', 'paid']

async function cancelIfTheirs(
  transaction: Transaction,
  id: string,
  by: Canceller,
  at: Date,
): Promise<Cancelled | null> {
  const found = await transaction.order.findUnique({ where: { id }, include: withItems })
  if (!found) return null
  if (!mayCancel(found, by)) return { outcome: 'not theirs' }
  const changed = await cancelOrder(transaction, id, {
    from: found.probe ? [...open, 'completed'] : open,
    at,
  })
  if (changed) return { outcome: 'cancelled', order: toOrder({ ...changed, items: found.items }) }
  const order = await transaction.order.findUniqueOrThrow({ where: { id }, include: withItems })
  if (order.status === 'cancelled') return { outcome: 'already cancelled', order: toOrder(order) }
  return { outcome: 'completed' }
}

type Found = { userId: string | null; idempotencyKey: string; probe: boolean }

/** Row security has left out what they may not see; a guest's order can be seen by whoever knows its id. */
function mayCancel({ userId, idempotencyKey, probe }: Found, { principal, ...by }: Canceller): boolean {
  if (principal?.role === 'admin' || (principal && principal.id === userId)) return true
  return (userId === null && by.key === idempotencyKey) || (by.probe && probe)
}
