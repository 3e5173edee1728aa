import { Client, Connection, WorkflowExecutionAlreadyStartedError } from '@temporalio/client'
import type { Env } from './env.ts'

/** Where order workflows wait for a worker. */
export const TASK_QUEUE = 'orders'

/** The workflow's type, which is the name of the function in apps/worker/workflows.ts. */
export const ORDER_WORKFLOW = 'processOrder'

const DEADLINE_MS = 2000

/** One workflow per order: its id is what makes starting it twice harmless. */
export function orderWorkflowId(orderId: string): string {
  return `order-${orderId}`
}

/** A client that connects at its first call, so that a process starts while Temporal is away. */
export function connectClient(env: Pick<Env, 'TEMPORAL_ADDRESS' | 'TEMPORAL_NAMESPACE'>): Client {
  const connection = Connection.lazy({ address: env.TEMPORAL_ADDRESS, connectTimeout: DEADLINE_MS })
  return new Client({ connection, namespace: env.TEMPORAL_NAMESPACE })
}

/**
 * Starts the workflow of an order unless it has been started before. Answers whether the order's workflow is
 * known to run (`started`) or to be over (`closed`); fails within seconds while Temporal is away.
 */
export async function startOrderWorkflow(client: Client, orderId: string): Promise<'started' | 'closed'> {
  try {
    await client.withDeadline(Date.now() + DEADLINE_MS, () =>
      client.workflow.start(ORDER_WORKFLOW, {
        taskQueue: TASK_QUEUE,
        workflowId: orderWorkflowId(orderId),
        workflowIdConflictPolicy: 'USE_EXISTING',
        workflowIdReusePolicy: 'REJECT_DUPLICATE',
        args: [orderId],
      }),
    )
    return 'started'
  } catch (error) {
    if (error instanceof WorkflowExecutionAlreadyStartedError) return 'closed'
    throw error
  }
}
