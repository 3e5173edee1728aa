import type { Client } from '@temporalio/client'
import { fetchFrom } from '../replay/fetch.ts'
import { replayHistories } from '../replay/histories.ts'
import { workflowCode } from '../workflow-code.ts'
import type { PinnedExecution } from './pinned.ts'
import type { ReleaseParts } from './release.ts'

const MOST_BYTES = 10_000_000
const LIMIT_MS = 60_000

/** Replays workflows against the code of this process, one after the other, for at most a minute. */
export function replayHere(client: Client, code = workflowCode()): ReleaseParts['replay'] {
  return async (executions) => {
    const deadline = Date.now() + LIMIT_MS
    const over = () => Date.now() > deadline
    const fetch = fetchFrom(client, { mostBytes: MOST_BYTES, deadline, over })
    const fetched = new Set<string>()
    const { failures } = await replayHistories({
      sample: { types: [], executions },
      ...{ code, over },
      async fetch(execution) {
        const history = await fetch(execution)
        if (history) fetched.add(execution.runId)
        return history
      },
    })
    const failed = new Set(failures.map(({ run_id }) => run_id))
    const passed = executions.filter(({ runId }: PinnedExecution) => fetched.has(runId) && !failed.has(runId))
    return { passed, failed: failures }
  }
}
