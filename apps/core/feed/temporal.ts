import {
  type Client,
  ScheduleAlreadyRunning,
  ScheduleNotFoundError,
  ScheduleOverlapPolicy,
  WorkflowExecutionAlreadyStartedError,
  WorkflowNotFoundError,
} from '@temporalio/client'
import type { Env } from '../env.ts'
import { TASK_QUEUE } from '../temporal.ts'
import { pinned, type WorkerVersion } from '../worker-version.ts'
import type { Trigger } from './runs.ts'

/** The workflow's type, which is the name of the function in apps/worker/feed-workflow.ts. */
export const FEED_WORKFLOW = 'feedRefresh'
/** The id of a refresh that was asked for; Temporal appends the time to that of a scheduled one. */
export const FEED_WORKFLOW_ID = 'feed-refresh'
export const FEED_SCHEDULE_ID = 'feed-hourly'

const DEADLINE_MS = 2000
/** Longer than any refresh with its repetitions; ends what waits for a worker that knows it, such as after a rollback. */
const WORKFLOW_LIMIT = '4 hours'
/** A slot that was missed for longer is left out: the next one is as good. */
const CATCH_UP = '1 minute'

/**
 * Starts the refresh in a worker, unless one that was asked for waits or runs; `version` pins it. Fails within seconds while
 * Temporal is away.
 */
export async function startFeedWorkflow(
  client: Client,
  version?: WorkerVersion,
): Promise<'triggered' | 'already in progress'> {
  try {
    await client.withDeadline(Date.now() + DEADLINE_MS, () =>
      pinned(version, (override) =>
        client.workflow.start(FEED_WORKFLOW, {
          taskQueue: TASK_QUEUE,
          workflowId: FEED_WORKFLOW_ID,
          workflowIdConflictPolicy: 'FAIL',
          workflowIdReusePolicy: 'ALLOW_DUPLICATE',
          workflowExecutionTimeout: WORKFLOW_LIMIT,
          args: ['request' satisfies Trigger],
          ...override,
        }),
      ),
    )
    return 'triggered'
  } catch (error) {
    if (error instanceof WorkflowExecutionAlreadyStartedError) return 'already in progress'
    throw error
  }
}

/** When the refresh that waits for a worker or runs in one was asked for; undefined if there is none. */
export async function feedWorkflowSince(client: Client): Promise<Date | undefined> {
  try {
    const { status, startTime } = await client.withDeadline(Date.now() + DEADLINE_MS, () =>
      client.workflow.getHandle(FEED_WORKFLOW_ID).describe(),
    )
    return status.name === 'RUNNING' ? startTime : undefined
  } catch (error) {
    if (error instanceof WorkflowNotFoundError) return undefined
    throw error
  }
}

/** Ends the refresh that waits, without a worker; false if there is none. */
export async function stopFeedWorkflow(client: Client): Promise<boolean> {
  try {
    await client.withDeadline(Date.now() + DEADLINE_MS, () =>
      client.workflow.getHandle(FEED_WORKFLOW_ID).terminate('cancelled on request'),
    )
    return true
  } catch (error) {
    if (error instanceof WorkflowNotFoundError) return false
    throw error
  }
}

/**
 * Makes Temporal's schedule what the environment says: there with FEED_SYNC=worker, at FEED_SCHEDULE, and otherwise
 * away. Any number of workers may do so, at any time; whether somebody has paused it stays as it is.
 */
export async function keepFeedSchedule(
  client: Client,
  { FEED_SYNC, FEED_SCHEDULE }: Pick<Env, 'FEED_SYNC' | 'FEED_SCHEDULE'>,
): Promise<'created' | 'updated' | 'removed' | 'absent'> {
  const { schedule } = client
  return client.withDeadline(Date.now() + DEADLINE_MS, async () => {
    if (FEED_SYNC !== 'worker') return remove(client)
    const wanted = {
      spec: { cronExpressions: [FEED_SCHEDULE], timezone: 'UTC' },
      policies: { overlap: ScheduleOverlapPolicy.SKIP, catchupWindow: CATCH_UP },
      action: {
        type: 'startWorkflow' as const,
        workflowType: FEED_WORKFLOW,
        workflowId: FEED_WORKFLOW_ID,
        taskQueue: TASK_QUEUE,
        workflowExecutionTimeout: WORKFLOW_LIMIT,
        args: ['schedule' satisfies Trigger],
      },
    }
    try {
      await schedule.create({ scheduleId: FEED_SCHEDULE_ID, ...wanted })
      return 'created'
    } catch (error) {
      if (!(error instanceof ScheduleAlreadyRunning)) throw error
    }
    await schedule.getHandle(FEED_SCHEDULE_ID).update(({ state: { paused, note } }) => ({
      ...wanted,
      state: { paused, ...(note && { note }) },
    }))
    return 'updated'
  })
}

async function remove({ schedule }: Client): Promise<'removed' | 'absent'> {
  try {
    await schedule.getHandle(FEED_SCHEDULE_ID).delete()
    return 'removed'
  } catch (error) {
    if (error instanceof ScheduleNotFoundError) return 'absent'
    throw error
  }
}
