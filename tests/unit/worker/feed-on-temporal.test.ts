import { readFileSync } from 'node:fs'
import { DefaultLogger, NativeConnection, Runtime, Worker } from '@temporalio/worker'
import { afterEach, beforeAll, describe, expect, it } from 'vitest'
import type { Sync } from '../../../apps/core/feed/refresh.ts'
import type { FeedRuns } from '../../../apps/core/feed/runs.ts'
import { FEED_WORKFLOW } from '../../../apps/core/feed/temporal.ts'
import { openLog } from '../../../apps/core/log.ts'
import { TASK_QUEUE } from '../../../apps/core/temporal.ts'
import { bundleWorkflows } from '../../../apps/worker/bundle.ts'
import { feedActivities } from '../../../apps/worker/feed-activities.ts'
import { waitUntil } from '../../e2e/harness/wait.ts'
import { TemporalServer } from './temporal-server.ts'

let workflowBundle: { code: string }
let shutDown = async () => {}

beforeAll(async () => {
  Runtime.install({
    logger: new DefaultLogger('ERROR'),
    telemetryOptions: { logging: { forward: {}, filter: 'OFF' } },
  })
  workflowBundle = { code: await bundleWorkflows() }
}, 60_000)

afterEach(() => shutDown())

/** The record of runs in memory: how each ended. */
function memory(claims: (bigint | undefined)[] = [1n]) {
  const ends: string[] = []
  const runs: FeedRuns = {
    begin: async () => (claims.length > 1 ? claims.shift() : claims[0]),
    heartbeat: async () => 'running',
    publish: async (_, swap) => swap(),
    finish: async (_, status, failure) => ends.push(failure ? `${status}: ${failure}` : status) > 0,
    requestCancel: async () => false,
    state: async () => ({ running: null, last: null }),
  }
  return { runs, ends }
}

/** A real worker on a server in this process, with the activity as it is. */
async function open(sync: Sync, { runs, ends } = memory()) {
  const server = new TemporalServer(FEED_WORKFLOW)
  const connection = await NativeConnection.connect({ address: await server.listen() })
  const log = openLog({ LOG_LEVEL: 'silent' })
  const worker = await Worker.create({
    ...{ connection, taskQueue: TASK_QUEUE, workflowBundle },
    maxHeartbeatThrottleInterval: '50 milliseconds',
    activities: feedActivities({ runs, sync, log, limitMs: 60_000, beatMs: 20 }),
  })
  const running = worker.run()
  const stop = async () => {
    worker.shutdown()
    server.release()
    await running
  }
  shutDown = async () => {
    shutDown = async () => {}
    if (worker.getState() === 'RUNNING') await stop()
    await connection.close()
    server.close()
  }
  return { server, ends, stop }
}

const made = { count: 102_052, bytes: 81_000_000 }
const quick: Sync = ({ publish }) => publish(async () => made)

/** Goes on until it is told to stop. */
const endless: Sync = async ({ signal, onProgress }) => {
  onProgress({ phase: 'exporting', rows: 7, bytes: 700 })
  const aborted = Promise.withResolvers<never>()
  signal.addEventListener('abort', () => aborted.reject(signal.reason))
  return aborted.promise
}

describe('the workflow of a refresh, on the worker as it is,', { timeout: 30_000 }, () => {
  it('refreshes once, and can be replayed', async () => {
    const { server, ends } = await open(quick)
    server.start('request')
    expect(await server.result).toEqual({ outcome: 'finished', ...made })
    expect(ends).toEqual(['finished'])
    expect(server.failures).toEqual([])
    await Worker.runReplayHistory({ workflowBundle }, server.recorded() as never, 'feed-refresh')
  })

  it('does not repeat a refresh that failed, or that another one is ahead of', async () => {
    let calls = 0
    const { server, ends } = await open(async () => {
      calls += 1
      throw new Error('the password is wrong')
    })
    server.start('schedule')
    expect(await server.result).toEqual({ outcome: 'failed', failure: 'the password is wrong' })
    expect({ calls, ends }).toEqual({ calls: 1, ends: ['failed: the password is wrong'] })
    await shutDown()

    const second = await open(quick, memory([undefined]))
    second.server.start('request')
    expect(await second.server.result).toEqual({ outcome: 'already in progress' })
  })

  it('says how far it is, and ends when it is cancelled', async () => {
    const { server, ends } = await open(endless)
    server.start('request')
    const outcome = server.result.catch((error: Error) => error.message)
    await waitUntil('a heartbeat has come', () => server.heartbeats.length > 0, { everyMs: 20 })
    expect(server.heartbeats[0]).toEqual({ phase: 'exporting', rows: 7, bytes: 700 })
    server.cancel()
    expect(await outcome).toBe('the workflow is cancelled')
    expect(ends).toEqual(['cancelled: cancelled on request'])
  })

  it('is interrupted by the end of its worker, and left to another one', async () => {
    const { server, ends, stop } = await open(endless)
    server.start('request')
    await waitUntil('a heartbeat has come', () => server.heartbeats.length > 0, { everyMs: 20 })
    await stop()
    expect(ends).toEqual(['failed: interrupted while exporting (7 rows): its worker ends'])
    expect(server.retries).toBe(1)
  })

  it('replays what this release recorded', async () => {
    const recorded = JSON.parse(readFileSync(new URL('./feed-refresh.history.json', import.meta.url), 'utf8'))
    await Worker.runReplayHistory({ workflowBundle }, recorded, 'feed-refresh')
    recorded.events.find(({ eventType }: { eventType: string }) =>
      /ACTIVITY_TASK_SCHEDULED/.test(eventType),
    ).activityTaskScheduledEventAttributes.activityType.name = 'somethingElse'
    await expect(Worker.runReplayHistory({ workflowBundle }, recorded, 'feed-refresh')).rejects.toThrow(
      /nondeterminism|Activity type/i,
    )
  })
})
