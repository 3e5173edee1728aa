import { proxyActivities } from '@temporalio/workflow'
import type { OrderWebhookActivities } from './activities.ts'

const { postOrderWebhook } = proxyActivities<OrderWebhookActivities>({
  startToCloseTimeout: '60 seconds',
  // A receiver that is away has three days to come back; then the workflow fails, and somebody is told of that.
  scheduleToCloseTimeout: '3 days',
  retry: { initialInterval: '2 seconds', maximumInterval: '15 minutes' },
})

/** Tells of one order that is completed, at least once. Its name is ORDER_WEBHOOK_WORKFLOW in start.ts. */
export async function sendOrderWebhook(orderId: string): Promise<string> {
  return await postOrderWebhook(orderId)
}
