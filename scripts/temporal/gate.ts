import { setTimeout as sleep } from 'node:timers/promises'
import type { Gate } from '../ports.ts'
import type { Place } from './versions.ts'

/** How long a server that is too busy to answer, or was not yet told of the version, is asked again. */
const [AGAIN_MS, PAUSE_MS] = [60_000, 1000]
/**
 * Of gRPC: unknown, deadline exceeded, resource exhausted, failed precondition (the version is not yet known to the task
 * queue), aborted, internal, unavailable.
 */
const PASSING = new Set([2, 4, 8, 9, 10, 13, 14])

/**
 * Runs an image's GATE_WORKFLOW on its version. One that an earlier process, or attempt, has started is waited for.
 * Errors: it fails, or does not end within its time; the server refuses it, or answers with passing errors only.
 */
export async function runGate(
  { address, namespace, deployment, queue }: Place,
  { workflow, id, buildId, timeoutMs }: Gate,
  { againMs = AGAIN_MS, pauseMs = PAUSE_MS } = {},
): Promise<void> {
  const { Client, Connection, WorkflowFailedError, isGrpcServiceError } = await import('@temporalio/client')
  const connection = await Connection.connect({ address, connectTimeout: 2000 })
  const client = new Client({ connection, namespace })
  const attempt = async (): Promise<void> => {
    const handle = await client.workflow.start(workflow, {
      ...{ workflowId: id, taskQueue: queue, workflowExecutionTimeout: timeoutMs },
      versioningOverride: { pinnedTo: { deploymentName: deployment, buildId } },
      ...{ workflowIdConflictPolicy: 'USE_EXISTING', workflowIdReusePolicy: 'ALLOW_DUPLICATE' },
    })
    await handle.result()
  }
  // The client wraps what the server answered once.
  const answerOf = (error: unknown) => [error, (error as Error).cause].find(isGrpcServiceError)
  const again = Date.now() + againMs
  try {
    await connection.withDeadline(Date.now() + timeoutMs + 5000, async () => {
      for (;;) {
        try {
          return await attempt()
        } catch (error) {
          if (!PASSING.has(answerOf(error)?.code ?? -1) || Date.now() > again) throw error
          await sleep(pauseMs)
        }
      }
    })
  } catch (error) {
    const answer = answerOf(error)
    if (answer?.details) throw new Error(`${(error as Error).message}: ${answer.details}`, { cause: error })
    if (!(error instanceof WorkflowFailedError)) throw error
    // The reason lies at the bottom: an activity's failure, or the time-out.
    let cause: Error = error
    while (cause.cause instanceof Error) cause = cause.cause
    throw new Error(cause.message, { cause: error })
  } finally {
    await connection.close()
  }
}
