import type { WorkflowService } from '@temporalio/client'

/** Of a poller what is needed to tell its version; modes as in temporal.api.enums.v1. */
type Poller = {
  deploymentOptions?: {
    deploymentName?: string | null
    buildId?: string | null
    workerVersioningMode?: unknown
  } | null
}
type Stats = {
  approximateBacklogCount?: { toString(): string } | null
  approximateBacklogAge?: { seconds?: { toString(): string } | null; nanos?: number | null } | null
}

const VERSIONED = 2

/**
 * The statistics of one kind of tasks without those of versions that nobody polls for. A workflow that was handed over to
 * another version leaves its task there, which nobody takes any more and which is none to wait for.
 */
export async function withoutLeftBehind<S extends Stats>(
  service: Pick<WorkflowService, 'describeWorkerDeployment' | 'describeWorkerDeploymentVersion'>,
  { namespace, queue, kind }: { namespace: string; queue: string; kind: number },
  { stats, pollers }: { stats: S; pollers: Poller[] },
): Promise<S> {
  const live = new Map<string, Set<string>>()
  for (const { deploymentOptions: own } of pollers) {
    if (Number(own?.workerVersioningMode ?? 0) !== VERSIONED || !own?.deploymentName) continue
    live.set(own.deploymentName, (live.get(own.deploymentName) ?? new Set()).add(own.buildId ?? ''))
  }
  let count = Number(stats.approximateBacklogCount ?? 0)
  if (count === 0 || live.size === 0) return stats
  const total = count
  let oldest: Stats['approximateBacklogAge'] = null
  for (const [deploymentName, builds] of live) {
    const { workerDeploymentInfo } = await service.describeWorkerDeployment({ namespace, deploymentName })
    for (const { deploymentVersion } of workerDeploymentInfo?.versionSummaries ?? []) {
      const { versionTaskQueues } = await service.describeWorkerDeploymentVersion({
        ...{ namespace, deploymentVersion: deploymentVersion ?? null, reportTaskQueueStats: true },
      })
      const own = versionTaskQueues?.find(({ name, type }) => name === queue && Number(type) === kind)?.stats
      if (!builds.has(deploymentVersion?.buildId ?? '')) count -= Number(own?.approximateBacklogCount ?? 0)
      else if (ageOf(own?.approximateBacklogAge) > ageOf(oldest)) oldest = own?.approximateBacklogAge ?? null
    }
  }
  if (count === total) return stats
  return { ...stats, approximateBacklogCount: Math.max(0, count), approximateBacklogAge: oldest }
}

const ageOf = (age: Stats['approximateBacklogAge']): number =>
  Number(age?.seconds ?? 0) + (age?.nanos ?? 0) / 1e9
