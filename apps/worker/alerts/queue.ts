import type { Client } from '@temporalio/client'
import { TASK_QUEUE } from '../../core/temporal.ts'

/** Temporal's number for workers that have a version, and for how long a poller is remembered that has gone. */
const VERSIONED = 2
const FRESH_MS = 75_000

/** Tasks that wait, and for how long the oldest has, in seconds. */
export type Waiting = { tasks: number; seconds: number }

type Stats = {
  approximateBacklogCount?: unknown
  approximateBacklogAge?: { seconds?: unknown } | null
} | null

const waitingIn = (stats: Stats | undefined): Waiting => ({
  tasks: Number(stats?.approximateBacklogCount ?? 0),
  seconds: Number(stats?.approximateBacklogAge?.seconds ?? 0),
})

/**
 * What waits of one kind of tasks (1: of workflows, 2: activities). A workflow that another version goes on with leaves its
 * task with the version before, for which nobody asks any more: that one does not count. Errors: no answer in time.
 */
export async function tasksThatWait(client: Client, namespace: string, kind: 1 | 2): Promise<Waiting> {
  const service = client.workflowService
  const { stats, pollers } = await service.describeTaskQueue({
    ...{ namespace, taskQueue: { name: TASK_QUEUE }, taskQueueType: kind, reportStats: true },
  })
  const all = waitingIn(stats)
  const fresh = (pollers ?? []).filter(
    ({ lastAccessTime }) => Number(lastAccessTime?.seconds ?? 0) * 1000 > Date.now() - FRESH_MS,
  )
  const own = fresh.find(({ deploymentOptions }) => deploymentOptions?.workerVersioningMode === VERSIONED)
  const deploymentName = own?.deploymentOptions?.deploymentName
  if (all.tasks === 0 || !deploymentName) return all
  const builds = new Set(fresh.map(({ deploymentOptions }) => deploymentOptions?.buildId))
  const { workerDeploymentInfo } = await service.describeWorkerDeployment({ namespace, deploymentName })
  let [left, seconds] = [0, 0]
  for (const { deploymentVersion } of workerDeploymentInfo?.versionSummaries ?? []) {
    const { versionTaskQueues } = await service.describeWorkerDeploymentVersion({
      ...{ namespace, deploymentVersion: deploymentVersion ?? null, reportTaskQueueStats: true },
    })
    const queue = versionTaskQueues?.find(({ name, type }) => name === TASK_QUEUE && type === kind)
    const waiting = waitingIn(queue?.stats)
    if (builds.has(deploymentVersion?.buildId)) seconds = Math.max(seconds, waiting.seconds)
    else left += waiting.tasks
  }
  return left === 0 ? all : { tasks: Math.max(0, all.tasks - left), seconds }
}
