import { proxyActivities } from '@temporalio/workflow'
import type { Activities } from './activities.ts'

/**
 * Workflows are replayed from their history, by later releases too: they call activities and nothing else, and a
 * change to the order of these calls needs `patched()`.
 */

const { completeOrder } = proxyActivities<Activities>({
  startToCloseTimeout: '20 seconds',
  retry: { initialInterval: '200 milliseconds', maximumInterval: '15 seconds' },
})

/** Brings one order to its end. Its name is ORDER_WORKFLOW in apps/core/temporal.ts. */
export async function processOrder(orderId: string): Promise<string> {
  return await completeOrder(orderId)
}
