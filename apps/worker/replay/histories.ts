import type { History } from '@temporalio/common/lib/proto-utils.js'
import { type ReplayWorkerOptions, Worker } from '@temporalio/worker'
import { eventOf, type NamedEvent, reasonOf, typeOf } from './event.ts'
import type { Execution, Sample } from './sample.ts'

/** A workflow that this release cannot go on with. */
export type Failure = {
  type: string
  workflow_id: string
  run_id: string
  event?: NamedEvent
  message: string
}

/** What REPLAY_COMMAND prints. */
export type Report = {
  /**
   * Replayed are running and completed ones. Of the others that were chosen, so many had nothing to replay yet, and so many
   * were too large, gone, or came when time was over.
   */
  types: { type: string; running: number; replayed: number; not_begun: number; left_out: number }[]
  histories: number
  /** Of running workflows, which stand against this release. */
  failures: Failure[]
  /** Of completed ones: nothing is hurt, but workflows like them that begin before the workers are replaced. */
  warnings: Failure[]
  ms: number
}

export type Fetch = (execution: Execution) => Promise<History | undefined>

type Parts = {
  sample: Sample
  /** A whole history; undefined if it is not to be replayed. */
  fetch: Fetch
  /** The workflows, as a worker is given them. */
  code: Pick<ReplayWorkerOptions, 'workflowBundle' | 'workflowsPath'>
  /** No further history is begun once it says so. */
  over: () => boolean
  /** Told of each before it is replayed. */
  onReplay?: (execution: Execution) => void
}

/** Replays one history after the other, so that only one is in memory, and says which of them this code cannot continue. */
export async function replayHistories(parts: Parts): Promise<Omit<Report, 'ms'>> {
  const { executions } = parts.sample
  const none = { replayed: 0, not_begun: 0, left_out: 0 }
  const counts = new Map(parts.sample.types.map(({ type }) => [type, { ...none }]))
  const count = ({ type }: Execution, what: keyof typeof none) => {
    const counted = counts.get(type)
    if (counted) counted[what] += 1
  }
  const failures: Failure[] = []
  const warnings: Failure[] = []
  let current: { execution: Execution; history: History } | undefined

  async function* histories() {
    for (const execution of executions) {
      const history = parts.over() ? undefined : await parts.fetch(execution)
      if (!history || !hasBegun(history)) {
        count(execution, history ? 'not_begun' : 'left_out')
        continue
      }
      current = { execution, history }
      parts.onReplay?.(execution)
      yield { workflowId: execution.workflowId, history }
    }
  }

  for await (const { error } of Worker.runReplayHistories(parts.code, histories())) {
    if (!current) continue
    const { execution, history } = current
    count(execution, 'replayed')
    if (error) (execution.closed ? warnings : failures).push(failureOf(execution, history, error))
  }
  const types = parts.sample.types.map((type) => ({
    ...type,
    ...(counts.get(type.type) ?? none),
  }))
  return { types, histories: types.reduce((sum, { replayed }) => sum + replayed, 0), failures, warnings }
}

/** Before its first task is done a workflow has decided nothing that it could be held to. */
const hasBegun = ({ events }: History): boolean =>
  (events ?? []).some((event) => typeOf(event) === 'WorkflowTaskCompleted')

function failureOf({ type, workflowId, runId }: Execution, { events }: History, error: Error): Failure {
  const message = reasonOf(error)
  const event = eventOf(message, events ?? [])
  return { type, workflow_id: workflowId, run_id: runId, ...(event && { event }), message }
}
