import type { WorkflowService } from '@temporalio/client'
import { containersOf } from '../docker/containers.ts'
import type { Disk, Gate, Routing, Versions, WorkerVersion } from '../ports.ts'
import type { Runner } from '../run.ts'
import { parseKitSettings } from '../settings/kit-settings.ts'
import { parseStackFiles } from '../settings/stack-env.ts'
import { askTemporal, freshPollers, temporalAddress } from '../status/temporal.ts'
import { runGate } from './gate.ts'

/** Who changes the routing, as Temporal records it. */
const IDENTITY = 'ecomweb'
/** Statuses of gRPC. */
const [NOT_FOUND, PERMISSION_DENIED, UNIMPLEMENTED] = [5, 7, 12]
const PAGE = 200
/** A change of the routing is a workflow of the server's own, and a thousand workflows are released one by one. */
const [CHANGE_MS, RELEASE_MS] = [15_000, 120_000]
/** The server asks a workflow of its own for each version, which a busy one does in a second or two. */
const LOOK_MS = 10_000
/** As in temporal.api.enums.v1. */
const WORKFLOW = 1
const VERSIONED = 2
const DRAINAGE: Record<number, WorkerVersion['status']> = { 1: 'draining', 2: 'drained' }

/** Where to ask, and of what. */
export type Place = { address: string; namespace: string; deployment: string; queue: string }

/** Worker versions of the stack in a folder. */
export const stackVersions = (disk: Pick<Disk, 'read'>, runner: Runner): Versions =>
  temporalVersions(async () => {
    const text = async (name: string) => (await disk.read(name)) ?? ''
    const { env, app } = parseStackFiles(await text('.env'), await text('.env.api'))
    return {
      address: temporalAddress(app, await containersOf(runner, env.ECOMWEB_NAME)),
      namespace: app.TEMPORAL_NAMESPACE || 'default',
      deployment: env.ECOMWEB_NAME,
      queue: parseKitSettings(await text('docker-compose.yml')).autoscale.queue,
    }
  })

/** Where Temporal is, is looked up once, and again after it did not answer there: that costs more than the answer. */
export function temporalVersions(lookUp: () => Promise<Place>): Versions {
  let known: Promise<Place> | undefined
  const where = () => {
    known ??= lookUp()
    return known
  }
  const ask = async <T>(act: (service: WorkflowService, place: Place) => Promise<T>, limitMs?: number) => {
    try {
      const place = await where()
      return await askTemporal(place.address, (service) => act(service, place), limitMs)
    } catch (error) {
      known = undefined
      throw error
    }
  }
  return {
    look: (limitMs = LOOK_MS) => ask(readRouting, limitMs),
    makeCurrent: (buildId, conflictToken) =>
      ask(async (service, { namespace, deployment: deploymentName }) => {
        const token = conflictToken ? { conflictToken } : {}
        await service
          .setWorkerDeploymentCurrentVersion({
            ...{ namespace, deploymentName, buildId, identity: IDENTITY },
            ...token,
          })
          .catch((error) => {
            // Without any version the workers that have none are current as it is.
            if (buildId !== '' || codeOf(error) !== NOT_FOUND) throw error
          })
      }, CHANGE_MS),
    gate: async (gate: Gate) => runGate(await where(), gate),
    release: (buildId, except = []) =>
      ask((service, place) => releaseAll(service, place, buildId, new Set(except)), RELEASE_MS),
    remove: (buildId) =>
      ask(async (service, { namespace, deployment: deploymentName }) => {
        const deploymentVersion = { deploymentName, buildId }
        await service.deleteWorkerDeploymentVersion({ namespace, deploymentVersion, identity: IDENTITY })
      }, CHANGE_MS),
  }
}

/** Undefined where the server does not know versions, or was told not to. */
async function readRouting(service: WorkflowService, place: Place): Promise<Routing | undefined> {
  const { namespace, deployment: deploymentName } = place
  const described = await service
    .describeWorkerDeployment({ namespace, deploymentName })
    .catch((error: unknown) => {
      const code = codeOf(error)
      if (code === UNIMPLEMENTED || code === PERMISSION_DENIED) return undefined
      if (code === NOT_FOUND) return { workerDeploymentInfo: null, conflictToken: null }
      throw error
    })
  if (!described) return undefined
  const { routingConfig, versionSummaries } = described.workerDeploymentInfo ?? {}
  const current = routingConfig?.currentDeploymentVersion?.buildId ?? ''
  const ramping = routingConfig?.rampingDeploymentVersion?.buildId ?? undefined
  const { pollers, routesTo } = await askQueue(service, place)
  const known = new Map<string, number>([['', 0]])
  for (const { deploymentVersion, drainageStatus } of versionSummaries ?? [])
    if (deploymentVersion?.buildId) known.set(deploymentVersion.buildId, Number(drainageStatus ?? 0))
  const versions = await Promise.all(
    [...known].map(async ([buildId, drainage]): Promise<WorkerVersion> => {
      const status =
        buildId === current
          ? ('current' as const)
          : buildId === ramping
            ? ('ramping' as const)
            : (DRAINAGE[drainage] ?? 'inactive')
      const running = buildId === '' ? 0 : await countRunning(service, namespace, deploymentName, buildId)
      return { buildId, status, pollers: pollers.get(buildId) ?? [], running }
    }),
  )
  const token = described.conflictToken
  return {
    current,
    // Not routingConfigUpdateState: it can stay "in progress" for ever after all queues know (temporalio/temporal#11842).
    settling: routesTo !== undefined && routesTo !== current,
    versions: versions.filter(
      ({ buildId, pollers }) => buildId !== '' || current === '' || pollers.length > 0,
    ),
    ...(token && token.length > 0 ? { token } : {}),
  }
}

/** Who polls the task queue, by version, and to which version it sends what no version owns, if it was ever told. */
async function askQueue(
  service: WorkflowService,
  { namespace, queue, deployment }: Place,
): Promise<{ pollers: Map<string, string[]>; routesTo: string | undefined }> {
  const { pollers, versioningInfo } = await service.describeTaskQueue({
    ...{ namespace, taskQueue: { name: queue }, taskQueueType: WORKFLOW },
  })
  const found = new Map<string, string[]>()
  for (const { identity, deploymentOptions: own } of freshPollers(pollers ?? [])) {
    const versioned = Number(own?.workerVersioningMode ?? 0) === VERSIONED
    if (versioned && own?.deploymentName !== deployment) continue
    const buildId = versioned ? (own?.buildId ?? '') : ''
    found.set(buildId, [...new Set([...(found.get(buildId) ?? []), identity ?? ''])])
  }
  const routesTo = versioningInfo ? (versioningInfo.currentDeploymentVersion?.buildId ?? '') : undefined
  return { pollers: found, routesTo }
}

/** The query by which the server itself sees whether a version is drained. */
export const pinnedTo = (deployment: string, buildId: string): string =>
  [
    `TemporalWorkerDeploymentVersion = '${deployment}:${buildId}'`,
    `TemporalWorkflowVersioningBehavior = 'Pinned'`,
    `ExecutionStatus = 'Running'`,
  ].join(' AND ')

async function countRunning(
  service: WorkflowService,
  namespace: string,
  deployment: string,
  buildId: string,
): Promise<number> {
  const { count } = await service.countWorkflowExecutions({ namespace, query: pinnedTo(deployment, buildId) })
  return Number(count ?? 0)
}

async function releaseAll(
  service: WorkflowService,
  { namespace, deployment }: Place,
  buildId: string,
  except: ReadonlySet<string>,
): Promise<number> {
  let released = 0
  let nextPageToken: Uint8Array | undefined
  do {
    const page = await service.listWorkflowExecutions({
      ...{ namespace, pageSize: PAGE, query: pinnedTo(deployment, buildId) },
      ...(nextPageToken ? { nextPageToken } : {}),
    })
    const owned = (page.executions ?? []).flatMap(({ execution }) =>
      execution?.workflowId && !except.has(execution.workflowId) ? [execution] : [],
    )
    for (let at = 0; at < owned.length; at += 10) {
      const some = owned.slice(at, at + 10).map((workflowExecution) =>
        service
          .updateWorkflowExecutionOptions({
            ...{ namespace, workflowExecution, identity: IDENTITY },
            workflowExecutionOptions: { versioningOverride: { autoUpgrade: true } },
            updateMask: { paths: ['versioning_override'] },
          })
          .then(
            () => 1,
            (error) => {
              // It has ended meanwhile.
              if (codeOf(error) === NOT_FOUND) return 0
              throw error
            },
          ),
      )
      for (const one of await Promise.all(some)) released += one
    }
    nextPageToken = page.nextPageToken && page.nextPageToken.length > 0 ? page.nextPageToken : undefined
  } while (nextPageToken)
  return released
}

const codeOf = (error: unknown): number | undefined => (error as { code?: number }).code
