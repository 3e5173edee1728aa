import type { Client } from '@temporalio/client'
import type { Env } from '../env.ts'
import type { Log } from '../log.ts'
import { type VersionSettings, versionOf } from '../worker-version.ts'
import { beginRefresh, type Sync } from './refresh.ts'
import { type FeedRefresh, sharedState } from './refresh-state.ts'
import type { FeedRuns } from './runs.ts'
import { lookForWaiting, stateWithWaiting } from './waiting.ts'

type Parts = { runs: FeedRuns; sync: Sync; limitMs: number; log: Log }

/** The refresh runs in this process, in the background of requests: FEED_SYNC=cron and FEED_SYNC=demand. */
export function backgroundRefresh({ runs, sync, limitMs, log }: Parts): FeedRefresh {
  const ending = new AbortController()
  const underway = new Set<Promise<unknown>>()
  return {
    async trigger() {
      ending.signal.throwIfAborted()
      const begun = await beginRefresh({
        ...{ runs, sync, limitMs, log },
        trigger: 'request',
        signal: ending.signal,
      })
      if (!begun) return 'already in progress'
      underway.add(begun.done)
      void begun.done.then(() => underway.delete(begun.done))
      return 'triggered'
    },
    cancel: () => runs.requestCancel(),
    state: sharedState(runs),
    async close() {
      ending.abort(new Error('this process ends'))
      await Promise.all(underway)
    },
  }
}

/** What starts the refresh elsewhere; answers whether it was started, or one is waiting or running already. */
export type RefreshWorkflow = {
  start(): Promise<'triggered' | 'already in progress'>
  /** When the one that waits or runs was asked for. */
  since(): Promise<Date | undefined>
  /** Ends it; false if there is none. */
  stop(): Promise<boolean>
  close(): Promise<void>
}

/** The refresh runs in a worker, as the workflow of which there is one at a time: FEED_SYNC=worker. */
export function workflowRefresh(runs: FeedRuns, workflow: RefreshWorkflow): FeedRefresh {
  const waiting = lookForWaiting(() => workflow.since())
  return {
    async trigger() {
      // One that the schedule began has another workflow id than one that was asked for.
      if ((await runs.state()).running) return 'already in progress'
      return workflow.start().finally(waiting.forget)
    },
    async cancel() {
      // One that no worker has begun has no run that could be asked.
      return (await runs.requestCancel()) || workflow.stop().finally(waiting.forget)
    },
    state: sharedState({ state: () => stateWithWaiting(() => runs.state(), waiting) }),
    close: () => workflow.close(),
  }
}

/** The refresh as FEED_SYNC says. */
export function openFeedRefresh(
  env: Pick<Env, 'FEED_SYNC' | 'FEED_SYNC_LIMIT_MS' | 'TEMPORAL_ADDRESS' | 'TEMPORAL_NAMESPACE'> &
    VersionSettings,
  { runs, sync, log }: Omit<Parts, 'limitMs'>,
): FeedRefresh {
  return env.FEED_SYNC === 'worker'
    ? workflowRefresh(runs, temporalWorkflow(env))
    : backgroundRefresh({ runs, sync, limitMs: env.FEED_SYNC_LIMIT_MS, log })
}

/** Temporal's client is a heavy import, and most processes never start a refresh: loaded at the first use. */
function temporalWorkflow(
  env: Pick<Env, 'TEMPORAL_ADDRESS' | 'TEMPORAL_NAMESPACE'> & VersionSettings,
): RefreshWorkflow {
  let opened: Promise<Client> | undefined
  const open = async () => {
    opened ??= import('../temporal.ts').then(({ connectClient }) => connectClient(env))
    return { client: await opened, temporal: await import('./temporal.ts') }
  }
  return {
    async start() {
      const { client, temporal } = await open()
      return temporal.startFeedWorkflow(client, versionOf(env))
    },
    async since() {
      const { client, temporal } = await open()
      return temporal.feedWorkflowSince(client)
    },
    async stop() {
      const { client, temporal } = await open()
      return temporal.stopFeedWorkflow(client)
    },
    async close() {
      await (await opened)?.connection.close()
    },
  }
}
