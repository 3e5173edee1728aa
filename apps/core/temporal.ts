import { Client, WorkflowExecutionAlreadyStartedError, WorkflowNotFoundError } from '@temporalio/client'
import type { Env } from './env.ts'
import { type OrderSignal, PROGRESS_QUERY, type Step } from './fulfilment.ts'
import { connectLater } from './temporal-connection.ts'
import { pinned, type WorkerVersion } from './worker-version.ts'

/** Where order workflows wait for a worker. */
export const TASK_QUEUE = 'orders'

/** The workflow's type, which is the name of the function in apps/worker/workflows.ts. */
export const ORDER_WORKFLOW = 'processOrder'
export const REFUND_WORKFLOW = 'refundOrder'

const DEADLINE_MS = 2000
/** Somebody waits for the answer, and the tables have one too. */
const QUERY_DEADLINE_MS = 500

/** One workflow per order: its id is what makes starting it twice harmless. */
export function orderWorkflowId(orderId: string): string {
  return `order-${orderId}`
}

/** A client that connects at its first call, so that a process starts while Temporal is away. */
export function connectClient(env: Pick<Env, 'TEMPORAL_ADDRESS' | 'TEMPORAL_NAMESPACE'>): Client {
  const connection = connectLater(env.TEMPORAL_ADDRESS, DEADLINE_MS)
  return new Client({ connection, namespace: env.TEMPORAL_NAMESPACE })
}

/**
 * Starts the workflow of an order unless it has been started before. Answers whether the order's workflow is
 * known to run (`started`) or to be over (`closed`); fails within seconds while Temporal is away. `again` starts it
 * also if one is over: that harms nothing, since every step looks at the order first. `version` pins it.
 */
export async function startOrderWorkflow(
  client: Client,
  orderId: string,
  again = false,
  version?: WorkerVersion,
): Promise<'started' | 'closed'> {
  try {
    await client.withDeadline(Date.now() + DEADLINE_MS, () =>
      pinned(version, (override) =>
        client.workflow.start(ORDER_WORKFLOW, {
          taskQueue: TASK_QUEUE,
          workflowId: orderWorkflowId(orderId),
          workflowIdConflictPolicy: 'USE_EXISTING',
          workflowIdReusePolicy: again ? 'ALLOW_DUPLICATE' : 'REJECT_DUPLICATE',
          args: [orderId],
          ...override,
        }),
      ),
    )
    return 'started'
  } catch (error) {
    if (error instanceof WorkflowExecutionAlreadyStartedError) return 'closed'
    throw error
  }
}

/** Sees to it that the money of an order that was taken back goes back. Any number may be started. */
export async function startRefundWorkflow(
  client: Client,
  orderId: string,
  version?: WorkerVersion,
): Promise<void> {
  await client.withDeadline(Date.now() + DEADLINE_MS, () =>
    pinned(version, (override) =>
      client.workflow.start(REFUND_WORKFLOW, {
        taskQueue: TASK_QUEUE,
        workflowId: `refund-${orderId}`,
        workflowIdConflictPolicy: 'USE_EXISTING',
        workflowIdReusePolicy: 'ALLOW_DUPLICATE',
        args: [orderId],
        ...override,
      }),
    ),
  )
}

/** Tells the workflow of an order that the order was taken back; where none runs, another one sees to the money. */
export async function takeBackOrder(
  client: Client,
  orderId: string,
  by: OrderSignal,
  version?: WorkerVersion,
): Promise<void> {
  try {
    await client.withDeadline(Date.now() + DEADLINE_MS, () =>
      client.workflow.getHandle(orderWorkflowId(orderId)).signal(by),
    )
  } catch (error) {
    if (!(error instanceof WorkflowNotFoundError)) throw error
    await startRefundWorkflow(client, orderId, version)
  }
}

/** How far the workflow of an order is by its own account; fails if it does not answer at once. */
export function queryProgress(client: Client, orderId: string): Promise<Step[]> {
  return client.withDeadline(Date.now() + QUERY_DEADLINE_MS, () =>
    client.workflow.getHandle(orderWorkflowId(orderId)).query<Step[]>(PROGRESS_QUERY),
  )
}
