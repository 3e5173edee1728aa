import { type Client, WorkflowExecutionAlreadyStartedError } from '@temporalio/client'
import { TASK_QUEUE } from '../../core/temporal.ts'
import { pinned, type WorkerVersion } from '../../core/worker-version.ts'

export const ORDER_WEBHOOK_WORKFLOW = 'sendOrderWebhook'

const DEADLINE_MS = 2000

/**
 * Starts the workflow that tells of an order, unless it was started before: the order itself never waits for it. It belongs
 * to the release of the worker that starts it, as the order does.
 */
export async function startOrderWebhook(
  client: Client,
  orderId: string,
  version?: WorkerVersion,
): Promise<void> {
  try {
    await client.withDeadline(Date.now() + DEADLINE_MS, () =>
      pinned(version, (override) =>
        client.workflow.start(ORDER_WEBHOOK_WORKFLOW, {
          taskQueue: TASK_QUEUE,
          workflowId: `order-webhook-${orderId}`,
          workflowIdConflictPolicy: 'USE_EXISTING',
          workflowIdReusePolicy: 'REJECT_DUPLICATE',
          args: [orderId],
          ...override,
        }),
      ),
    )
  } catch (error) {
    if (!(error instanceof WorkflowExecutionAlreadyStartedError)) throw error
  }
}
