import { ApplicationFailure } from '@temporalio/common'
import type { Database } from '../../core/database.ts'
import type { HttpClient } from '../http/client.ts'
import { HttpFailure } from '../http/failure.ts'
import { SIGNATURE, signature } from '../signature.ts'
import { deliveryOf, webhookBody } from './message.ts'

export type OrderWebhookParts = {
  database: Database
  http: HttpClient
  /** Who is told; undefined: nobody any more. */
  receiver: { url: string; secret: string } | undefined
  now?: () => Date
}

export type OrderWebhookActivities = ReturnType<typeof orderWebhookActivities>

export function orderWebhookActivities(parts: OrderWebhookParts) {
  const { database, http, receiver, now = () => new Date() } = parts
  return {
    /**
     * Tells the receiver of an order that is completed. Fails, to be tried again, for every answer but 2xx: whoever gets
     * its own side wrong must not lose orders by it.
     */
    async postOrderWebhook(orderId: string): Promise<'told' | 'nobody to tell'> {
      if (!receiver) return 'nobody to tell'
      const order = await database.order.findUnique({ where: { id: orderId }, include: { items: true } })
      if (!order) throw ApplicationFailure.nonRetryable(`order ${orderId} does not exist`, 'OrderNotFound')
      const body = webhookBody(order, now())
      const answer = await http
        .request({
          method: 'POST',
          url: receiver.url,
          body,
          headers: {
            'Content-Type': 'application/json',
            'Idempotency-Key': deliveryOf(orderId),
            [SIGNATURE]: signature(body, receiver.secret),
          },
        })
        .catch((error) => {
          throw asFailure(error)
        })
      if (answer.status >= 200 && answer.status < 300) return 'told'
      throw ApplicationFailure.retryable(`the receiver answered ${answer.status}`, 'OrderWebhookRefused')
    },
  }
}

/** Tells Temporal to wait for as long as the receiver asks for. */
function asFailure(error: unknown): unknown {
  if (!(error instanceof HttpFailure)) return error
  const { message, retryAfterMs } = error
  return ApplicationFailure.create({
    ...{ message, type: 'OrderWebhookFailed', cause: error },
    ...(retryAfterMs && { nextRetryDelay: retryAfterMs }),
  })
}
