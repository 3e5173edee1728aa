import type { Database, Transaction } from '../../core/database.ts'
import { type Step, stepNames } from '../../core/fulfilment.ts'
import { isTakenBack } from '../../core/order-status.ts'
import type { Principal } from '../auth/principal.ts'
import { lookFor } from './access.ts'

/** How far an order has come, and whether it may still go on. */
export type Progress = { open: boolean; steps: Step[] }

/** What the tables say of the steps of an order: true always, also when Temporal is away or has forgotten it. */
export const findProgress = (
  database: Database,
  id: string,
  principal: Principal | undefined,
): Promise<Progress | null> =>
  lookFor(database, id, principal, async (transaction) => {
    const order = await readOrder(transaction, id)
    return order && { open: order.status === 'pending' || order.status === 'paid', steps: toSteps(order) }
  })

const readOrder = (transaction: Transaction, id: string) =>
  transaction.order.findUnique({
    where: { id },
    include: { payment: true, mails: { where: { kind: 'confirmation' } } },
  })

type Row = {
  status: string
  createdAt: Date
  paidAt: Date | null
  completedAt: Date | null
  cancelledAt: Date | null
  failure: string | null
  payment: { refundedAt: Date | null } | null
  mails: { createdAt: Date }[]
}

/** Pure part of it. */
export function toSteps(order: Row): Step[] {
  const done: Record<Step['name'], Date | null | undefined> = {
    reserve: order.createdAt,
    // Releases before took no payment and sent no mail: what is shipped has passed all the same.
    pay: order.paidAt ?? order.completedAt,
    mail: order.mails[0]?.createdAt ?? order.completedAt,
    ship: order.completedAt,
  }
  const next = stepNames.find((name) => !done[name])
  return stepNames.map((name) => {
    const undoneAt = undone(name, order)
    if (undoneAt) return step(name, 'undone', undoneAt)
    if (done[name]) return step(name, 'done', done[name])
    if (name !== next || order.status === 'refunded') return step(name, 'waiting')
    if (order.status !== 'cancelled') return step(name, 'running')
    return order.failure === null ? step(name, 'waiting') : step(name, 'failed', order.cancelledAt)
  })
}

function undone(name: Step['name'], { status, cancelledAt, payment }: Row): Date | null | undefined {
  if (name === 'reserve' && status === 'cancelled') return cancelledAt
  return name === 'pay' && isTakenBack(status) ? payment?.refundedAt : undefined
}

const step = (name: Step['name'], state: Step['state'], at?: Date | null): Step => ({
  name,
  state,
  ...(at && { at: at.toISOString() }),
})
