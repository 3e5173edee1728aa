import { temporal } from '@temporalio/proto'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import {
  FEED_SCHEDULE_ID,
  feedWorkflowSince,
  keepFeedSchedule,
  startFeedWorkflow,
  stopFeedWorkflow,
} from '../../../../../apps/core/feed/temporal.ts'
import { connectClient } from '../../../../../apps/core/temporal.ts'
import { serveTemporal } from '../../../worker/temporal-rpc.ts'

type Execution = { execution: { workflowId: string } }
type Terminated = { workflowExecution: { workflowId: string } }
const RUNNING = temporal.api.enums.v1.WorkflowExecutionStatus.WORKFLOW_EXECUTION_STATUS_RUNNING

type Schedule = temporal.api.schedule.v1.ISchedule

const ALREADY_EXISTS = 6
const NOT_FOUND = 5
const refuse = (code: number) => Object.assign(new Error('refused'), { code, details: 'refused' })

/** A server that keeps schedules and the ids of running workflows. */
async function open() {
  const schedules = new Map<string, Schedule>()
  const running = new Set<string>()
  type Asked = { scheduleId: string; schedule: Schedule }
  const kept = (id: string) => {
    const schedule = schedules.get(id)
    if (!schedule) throw refuse(NOT_FOUND)
    return schedule
  }
  const server = await serveTemporal({
    GetSystemInfo: () => ({ serverVersion: '1.31.0', capabilities: {} }),
    CreateSchedule: ({ scheduleId, schedule }: Asked) => {
      if (schedules.has(scheduleId)) throw refuse(ALREADY_EXISTS)
      schedules.set(scheduleId, schedule)
    },
    DescribeSchedule: ({ scheduleId }: Asked) => ({
      schedule: kept(scheduleId),
      info: { createTime: { seconds: 1 as never } },
    }),
    UpdateSchedule: ({ scheduleId, schedule }: Asked) => {
      kept(scheduleId)
      schedules.set(scheduleId, schedule)
    },
    DeleteSchedule: ({ scheduleId }: Asked) => {
      kept(scheduleId)
      schedules.delete(scheduleId)
    },
    StartWorkflowExecution: ({ workflowId }: { workflowId: string }) => {
      if (running.has(workflowId)) throw refuse(ALREADY_EXISTS)
      running.add(workflowId)
      return { runId: 'run-1' }
    },
    DescribeWorkflowExecution: ({ execution: { workflowId } }: Execution) => {
      if (!running.has(workflowId)) throw refuse(NOT_FOUND)
      return {
        executionConfig: { taskQueue: { name: 'orders' } },
        workflowExecutionInfo: {
          ...{ execution: { workflowId, runId: 'run-1' }, type: { name: 'feedRefresh' } },
          ...{ status: RUNNING, startTime: { seconds: 1 as never }, memo: {}, searchAttributes: {} },
        },
      }
    },
    TerminateWorkflowExecution: ({ workflowExecution: { workflowId } }: Terminated) => {
      if (!running.delete(workflowId)) throw refuse(NOT_FOUND)
    },
  })
  const client = connectClient({ TEMPORAL_ADDRESS: server.address, TEMPORAL_NAMESPACE: 'default' })
  const close = async () => {
    await client.connection.close()
    server.close()
  }
  return { client, schedules, running, close }
}

let world: Awaited<ReturnType<typeof open>>
beforeEach(async () => {
  world = await open()
})
afterEach(() => world.close())

const hourly = { FEED_SYNC: 'worker', FEED_SCHEDULE: '0 * * * *' } as const
const SKIP = temporal.api.enums.v1.ScheduleOverlapPolicy.SCHEDULE_OVERLAP_POLICY_SKIP

describe('the schedule of the refresh', () => {
  it('is made by the first worker, and is the same after any other', async () => {
    expect(await keepFeedSchedule(world.client, hourly)).toBe('created')
    const first = world.schedules.get(FEED_SCHEDULE_ID)
    expect(await keepFeedSchedule(world.client, hourly)).toBe('updated')
    const { spec, policies, action } = world.schedules.get(FEED_SCHEDULE_ID) ?? {}
    expect({ spec, policies, action }).toEqual({
      spec: first?.spec,
      policies: first?.policies,
      action: first?.action,
    })
    expect(first?.spec).toMatchObject({ cronString: ['0 * * * *'], timezoneName: 'UTC' })
    expect(first?.policies?.overlapPolicy).toBe(SKIP)
    expect(Number(first?.policies?.catchupWindow?.seconds)).toBe(60)
    expect(first?.action?.startWorkflow).toMatchObject({
      workflowId: 'feed-refresh',
      workflowType: { name: 'feedRefresh' },
      taskQueue: { name: 'orders' },
    })
  })

  it('follows FEED_SCHEDULE, and stays paused if somebody has paused it', async () => {
    await keepFeedSchedule(world.client, hourly)
    const kept = world.schedules.get(FEED_SCHEDULE_ID)
    world.schedules.set(FEED_SCHEDULE_ID, { ...kept, state: { paused: true, notes: 'the source moves' } })
    await keepFeedSchedule(world.client, { ...hourly, FEED_SCHEDULE: '30 2 * * *' })
    expect(world.schedules.get(FEED_SCHEDULE_ID)).toMatchObject({
      spec: { cronString: ['30 2 * * *'] },
      state: { paused: true, notes: 'the source moves' },
    })
  })

  it.each(['cron', 'demand'] as const)('goes away with FEED_SYNC=%s, once', async (FEED_SYNC) => {
    await keepFeedSchedule(world.client, hourly)
    expect(await keepFeedSchedule(world.client, { ...hourly, FEED_SYNC })).toBe('removed')
    expect(world.schedules.size).toBe(0)
    expect(await keepFeedSchedule(world.client, { ...hourly, FEED_SYNC })).toBe('absent')
  })

  it('is made once by workers that start at the same time', async () => {
    const answers = await Promise.all([1, 2, 3, 4].map(() => keepFeedSchedule(world.client, hourly)))
    expect(answers.toSorted()).toEqual(['created', 'updated', 'updated', 'updated'])
  })
})

describe('starting the refresh in a worker', () => {
  it('says so when one waits or runs already', async () => {
    expect(await startFeedWorkflow(world.client)).toBe('triggered')
    expect(await startFeedWorkflow(world.client)).toBe('already in progress')
    world.running.clear()
    expect(await startFeedWorkflow(world.client)).toBe('triggered')
  })

  it('is known to the next who asks, and can be ended without one', async () => {
    expect(await feedWorkflowSince(world.client)).toBeUndefined()
    expect(await stopFeedWorkflow(world.client)).toBe(false)
    await startFeedWorkflow(world.client)
    expect(await feedWorkflowSince(world.client)).toEqual(new Date(1000))
    expect(await stopFeedWorkflow(world.client)).toBe(true)
    expect(await feedWorkflowSince(world.client)).toBeUndefined()
  })
})
