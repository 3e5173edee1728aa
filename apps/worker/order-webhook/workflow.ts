import { ActivityFailure, proxyActivities, TimeoutFailure } from '@temporalio/workflow'
import type { OrderWebhookActivities } from './activities.ts'

const { postOrderWebhook } = proxyActivities<OrderWebhookActivities>({
  startToCloseTimeout: '60 seconds',
  // A receiver that is away has three days to come back; then the workflow fails, and somebody is told of that.
  scheduleToCloseTimeout: '3 days',
  retry: {
    ...{ initialInterval: '2 seconds', maximumInterval: '15 minutes' },
    nonRetryableErrorTypes: ['TemporalTimeout:StartToClose'],
  },
})

/** Tells of one order that is completed, at least once. Its name is ORDER_WEBHOOK_WORKFLOW in start.ts. */
export async function sendOrderWebhook(orderId: string): Promise<string> {
  for (;;) {
    try {
      return await postOrderWebhook(orderId)
    } catch (error) {
      // An attempt that was lost with its worker is no answer of the receiver: it is made up for without the pause that
      // many refusals before it would have brought.
      if (!isLost(error)) throw error
    }
  }
}

const isLost = (error: unknown): boolean =>
  error instanceof ActivityFailure &&
  error.cause instanceof TimeoutFailure &&
  error.cause.timeoutType === 'START_TO_CLOSE'
