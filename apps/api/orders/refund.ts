import { asActor, type Database, type Transaction } from '../../core/database.ts'
import { refundOrder } from '../../core/order-changes.ts'
import { audit } from '../audit.ts'
import type { Principal } from '../auth/principal.ts'
import { type Order, toOrder, withItems } from './order.ts'

/** The administrator who asks, and the request in which they did, for the audit log. */
export type Refunder = { id: string; requestId: string | undefined }

export type Refunded =
  | { outcome: 'refunded' | 'already refunded'; order: Order }
  | { outcome: 'unknown' | 'not completed' }

/** Takes a shipped order back; refunding again changes nothing. The money itself goes back by a workflow. */
export const refund = (database: Database, id: string, by: Refunder, at = new Date()): Promise<Refunded> =>
  asActor(database, 'admin', async (transaction) => {
    const found = await transaction.order.findUnique({ where: { id }, include: withItems })
    if (!found) return { outcome: 'unknown' }
    if (found.status === 'completed') {
      const changed = await refundOnce(transaction, id, by, at)
      if (changed) return { outcome: 'refunded', order: toOrder({ ...changed, items: found.items }) }
    }
    const order = await transaction.order.findUniqueOrThrow({ where: { id }, include: withItems })
    if (order.status === 'refunded') return { outcome: 'already refunded', order: toOrder(order) }
    return { outcome: 'not completed' }
  })

async function refundOnce(transaction: Transaction, id: string, by: Refunder, at: Date) {
  // Whoever comes second waits here and then finds it refunded. The event has to come last, so the entry comes first.
  const [locked] = await transaction.$queryRaw<object[]>`
    SELECT FROM orders WHERE id = ${id}::uuid AND status = 'completed' FOR UPDATE`
  if (!locked) return undefined
  const actor: Principal = { id: by.id, role: 'admin' }
  await audit(transaction, {
    actor,
    action: 'order.refunded',
    target: `order:${id}`,
    requestId: by.requestId,
  })
  return refundOrder(transaction, id, at)
}
