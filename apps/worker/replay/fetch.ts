import { type Client, NamespaceNotFoundError, WorkflowNotFoundError } from '@temporalio/client'
import type { Fetch } from './histories.ts'

const NOT_FOUND = 5

type Limits = {
  mostBytes: number
  /** A time in milliseconds, as of Date.now(). */
  deadline: number
  over: () => boolean
}

/** Histories from a server. What is gone meanwhile, is too large, or comes too late is left out. */
export function fetchFrom(client: Client, { mostBytes, deadline, over }: Limits): Fetch {
  return async ({ workflowId, runId }) => {
    const handle = client.workflow.getHandle(workflowId, runId)
    try {
      return await client.withDeadline(deadline, async () => {
        const { historySize = 0 } = await handle.describe()
        return historySize > mostBytes ? undefined : await handle.fetchHistory()
      })
    } catch (error) {
      if (isAbsent(error) || over()) return undefined
      throw error
    }
  }
}

/** Of a list, the client hands the server's own error on. */
export function isAbsent(error: unknown): boolean {
  if (error instanceof WorkflowNotFoundError || error instanceof NamespaceNotFoundError) return true
  return (error as { code?: number }).code === NOT_FOUND
}
