import type { Gate } from '../ports.ts'
import type { Place } from './versions.ts'

/**
 * Runs an image's GATE_WORKFLOW on its version. One that an earlier process has started is waited for. Errors: it
 * fails, or does not end within its time.
 */
export async function runGate(
  { address, namespace, deployment, queue }: Place,
  { workflow, id, buildId, timeoutMs }: Gate,
): Promise<void> {
  const { Client, Connection, WorkflowFailedError } = await import('@temporalio/client')
  const connection = await Connection.connect({ address, connectTimeout: 2000 })
  try {
    const client = new Client({ connection, namespace })
    await connection.withDeadline(Date.now() + timeoutMs + 5000, async () => {
      const handle = await client.workflow.start(workflow, {
        ...{ workflowId: id, taskQueue: queue, workflowExecutionTimeout: timeoutMs },
        versioningOverride: { pinnedTo: { deploymentName: deployment, buildId } },
        ...{ workflowIdConflictPolicy: 'USE_EXISTING', workflowIdReusePolicy: 'ALLOW_DUPLICATE' },
      })
      await handle.result()
    })
  } catch (error) {
    if (!(error instanceof WorkflowFailedError)) throw error
    // The reason lies at the bottom: an activity's failure, or the time-out.
    let cause: Error = error
    while (cause.cause instanceof Error) cause = cause.cause
    throw new Error(cause.message, { cause: error })
  } finally {
    await connection.close()
  }
}
