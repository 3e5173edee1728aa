import { ApplicationFailure } from '@temporalio/common'
import type { Database } from '../core/database.ts'
import { appendEvent, wakeReaders } from '../core/outbox.ts'
import type { Redis } from '../core/redis.ts'

export type ActivityParts = { database: Database; redis: Redis }

export type Activities = ReturnType<typeof createActivities>

/** What workflows may do to the world. Temporal retries an activity, so each can be repeated without harm. */
export function createActivities({ database, redis }: ActivityParts) {
  return {
    /**
     * Completes a pending order and says so in the outbox, in one transaction. Answers the status that the order
     * has afterwards; an order that is over stays as it is.
     */
    async completeOrder(orderId: string): Promise<string> {
      const completed = await database.$transaction(async (transaction) => {
        const [order] = await transaction.order.updateManyAndReturn({
          where: { id: orderId, status: 'pending' },
          data: { status: 'completed', completedAt: new Date(), completions: { increment: 1 } },
          select: { id: true, status: true, probe: true },
        })
        if (order) await appendEvent(transaction, 'order.completed', order)
        return order !== undefined
      })
      if (completed) {
        await wakeReaders(redis)
        return 'completed'
      }
      const order = await database.order.findUnique({ where: { id: orderId }, select: { status: true } })
      if (!order) throw ApplicationFailure.nonRetryable(`order ${orderId} does not exist`, 'OrderNotFound')
      return order.status
    },
  }
}
