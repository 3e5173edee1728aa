import type { Client } from '@temporalio/client'
import { TASK_QUEUE } from '../../core/temporal.ts'
import { nameOf, type WorkerVersion } from '../../core/worker-version.ts'
import type { Execution } from '../replay/sample.ts'
import type { Poller, Routing } from './pollers.ts'

const DEADLINE_MS = 5000
/** Temporal's numbers. */
const WORKFLOW_TASKS = 1
const VERSIONED = 2

const NOT_FOUND = 5
const PERMISSION_DENIED = 7
const FAILED_PRECONDITION = 9
const UNIMPLEMENTED = 12

/** Versions as they are here came with 1.29. */
const OLDEST = [1, 29] as const

type Version = { deploymentName?: string | null; buildId?: string | null }

/** What Temporal knows of the workers of a version and of others, and what it can be told of them. */
export type Deployment = {
  /** Whether it knows versions at all, and this process may see them. Rejects while it does not say. */
  isKnown(): Promise<boolean>
  see(): Promise<Routing>
  /** Makes the own version current if `current` still is; answers whether it did. */
  replace(current: string): Promise<boolean>
  /** Lets whichever workers are current go on with a workflow that was pinned. One that is over stays as it is. */
  release(execution: Execution): Promise<void>
}

export function openDeployment(client: Client, own: WorkerVersion, identity: string): Deployment {
  const service = client.workflowService
  const { namespace } = client.options
  const { deploymentName, buildId } = own
  const soon = <T>(call: () => Promise<T>): Promise<T> => client.withDeadline(Date.now() + DEADLINE_MS, call)
  return {
    isKnown: () =>
      soon(async () => {
        const { serverVersion } = await service.getSystemInfo({})
        return !isOlder(serverVersion ?? '') && hasDeployments(service, namespace, deploymentName)
      }),

    see: () =>
      soon(async () => {
        const { pollers, versioningInfo } = await service.describeTaskQueue({
          ...{ namespace, taskQueue: { name: TASK_QUEUE }, taskQueueType: WORKFLOW_TASKS },
        })
        return {
          current: textOf(versioningInfo?.currentDeploymentVersion),
          pollers: (pollers ?? []).map(pollerOf),
        }
      }),

    replace: (current) =>
      soon(async () => {
        const described = await service.describeWorkerDeployment({ namespace, deploymentName })
        const routing = described.workerDeploymentInfo?.routingConfig
        if (textOf(routing?.currentDeploymentVersion) !== current) return false
        const { conflictToken } = described
        try {
          await service.setWorkerDeploymentCurrentVersion({
            ...{ namespace, deploymentName, buildId, conflictToken, identity },
          })
          return true
        } catch (error) {
          // Somebody else was faster.
          if (codeOf(error) === FAILED_PRECONDITION && /conflict/i.test(String(error))) return false
          throw error
        }
      }),

    release: ({ workflowId, runId }) =>
      soon(async () => {
        try {
          await service.updateWorkflowExecutionOptions({
            ...{ namespace, workflowExecution: { workflowId, runId }, identity },
            workflowExecutionOptions: { versioningOverride: { autoUpgrade: true } },
            updateMask: { paths: ['versioning_override'] },
          })
        } catch (error) {
          if (codeOf(error) !== NOT_FOUND) throw error
        }
      }),
  }
}

/** A deployment that nobody has registered yet is one, too. */
async function hasDeployments(
  service: Client['workflowService'],
  namespace: string,
  deploymentName: string,
): Promise<boolean> {
  try {
    await service.describeWorkerDeployment({ namespace, deploymentName })
    return true
  } catch (error) {
    const code = codeOf(error)
    if (code === NOT_FOUND) return true
    if (code === UNIMPLEMENTED || code === PERMISSION_DENIED) return false
    throw error
  }
}

const codeOf = (error: unknown): number | undefined => (error as { code?: number }).code

function isOlder(serverVersion: string): boolean {
  const [, major, minor] = /^(\d+)\.(\d+)/.exec(serverVersion) ?? []
  if (!major || !minor) return false
  return Number(major) < OLDEST[0] || (Number(major) === OLDEST[0] && Number(minor) < OLDEST[1])
}

const textOf = (version: Version | null | undefined): string =>
  version?.buildId ? nameOf({ deploymentName: version.deploymentName ?? '', buildId: version.buildId }) : ''

type PollerInfo = {
  identity?: string | null
  lastAccessTime?: { seconds?: unknown } | null
  deploymentOptions?: (Version & { workerVersioningMode?: number | null }) | null
}

const pollerOf = ({ identity, lastAccessTime, deploymentOptions }: PollerInfo): Poller => ({
  identity: identity ?? '',
  version: deploymentOptions?.workerVersioningMode === VERSIONED ? textOf(deploymentOptions) : '',
  lastAccess: Number(lastAccessTime?.seconds ?? 0) * 1000,
})
