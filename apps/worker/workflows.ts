import {
  CancellationScope,
  defineQuery,
  defineSignal,
  patched,
  proxyActivities,
  proxyLocalActivities,
  setHandler,
} from '@temporalio/workflow'
import { type OrderSignal, orderSignals, PROGRESS_QUERY, type Step } from '../core/fulfilment.ts'
import type { Activities } from './activities.ts'
import { fulfil, refund } from './fulfilment.ts'
import { Progress } from './progress.ts'

export { cleanUp } from './clean-up/workflow.ts'
export { sendOrderWebhook } from './order-webhook/workflow.ts'
export { makePictureSizes } from './pictures/workflow.ts'
export { runProductImport } from './product-import/workflow.ts'
export { releaseGate } from './release-gate/workflow.ts'

/**
 * Workflows are replayed from their history, by later releases too: they call activities and nothing else, and a
 * change to the order of these calls needs `patched()`.
 */

const options = {
  startToCloseTimeout: '20 seconds',
  retry: { initialInterval: '200 milliseconds', maximumInterval: '15 seconds' },
} as const

const { completeOrder } = proxyActivities<Activities>(options)

/**
 * They run in the worker that has the workflow, so that an order costs Temporal one task in all instead of two for each
 * step. And since an order's history is written only when it ends, whatever release takes over begins from the beginning
 * and never meets the history of another one; the steps that are repeated find what was done.
 */
const activities = proxyLocalActivities<Activities>(options)

/** Brings one order to its end. Its name is ORDER_WORKFLOW in apps/core/temporal.ts. */
export async function processOrder(orderId: string): Promise<string> {
  if (!patched('fulfilment')) return await completeOrder(orderId)
  const progress = new Progress(() => new Date())
  let asked: OrderSignal | undefined
  for (const signal of orderSignals)
    setHandler(defineSignal(signal), () => {
      asked = signal
    })
  setHandler(defineQuery<Step[]>(PROGRESS_QUERY), () => progress.steps)
  // Whoever cancels the workflow means the order: it is taken back in order, instead of being left where it is.
  CancellationScope.current().cancelRequested.catch(() => {
    asked = 'cancel'
  })
  return await CancellationScope.nonCancellable(async () => {
    const status = await fulfil(orderId, { activities, progress, asked: () => asked })
    // Whether others hear of it never decides over the order, so this is no step of it.
    if (status === 'completed' && patched('order-webhook')) await activities.announceOrder(orderId)
    return status
  })
}

/** Gives back what was paid for an order. Its name is REFUND_WORKFLOW in apps/core/temporal.ts. */
export async function refundOrder(orderId: string): Promise<string> {
  return await refund(orderId, activities)
}

export { feedRefresh } from './feed-workflow.ts'
