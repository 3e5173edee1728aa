import type { StackContext } from '../context.ts'
import { declaredBy, shortId } from '../docker/application-image.ts'
import { type Container, containersOf } from '../docker/containers.ts'
import { KitError } from '../errors.ts'
import { formatTable } from '../output/table.ts'
import type { Routing } from '../ports.ts'
import { readWork, temporalAddress, type Work } from '../status/temporal.ts'
import { versionOf } from './build-id.ts'
import { PREVIOUS, WORKER } from './services.ts'

/** A version of the workers, and where it runs. */
export type VersionReport = {
  build_id: string
  status: Routing['versions'][number]['status']
  /** Processes that poll for it. */
  pollers: number
  /** Running workflows that only it goes on with. */
  running: number
  services: string[]
  image: string
}

export type Workers = Work & {
  containers: { name: string; image: string; health: string }[]
  /** How many there should be, by `.env`. */
  replicas: number
  task_queue: string
  /** Absent where the server does not know versions. */
  versions?: VersionReport[]
}

/** Errors: Temporal does not tell. */
export async function lookAtWorkers(context: StackContext): Promise<Workers> {
  const { env, app, settings, world } = context
  const containers = await containersOf(world.read, env.ECOMWEB_NAME)
  const namespace = app.TEMPORAL_NAMESPACE || 'default'
  const { queue } = settings.autoscale
  const [work, routing] = await askingTemporal(app, () =>
    Promise.all([readWork(temporalAddress(app, containers), namespace, queue), world.versions.look()]),
  )
  const ours = containers.filter(({ service }) => service === WORKER || service === PREVIOUS)
  return {
    containers: ours.map(({ name, image, health }) => ({ name, image, health })),
    replicas: env.WORKER_REPLICAS,
    task_queue: queue,
    ...work,
    ...(routing ? { versions: await versionsOf(context, routing, ours) } : {}),
  }
}

/** Errors of Temporal in the words of the kit. */
export async function askingTemporal<T>(app: Record<string, string>, ask: () => Promise<T>): Promise<T> {
  try {
    return await ask()
  } catch (error) {
    throw new KitError(`Temporal at ${app.TEMPORAL_ADDRESS} does not tell of its task queues`, {
      why: (error as Error).message,
      next: './ecomweb status',
      cause: error,
    })
  }
}

/** The version of the image that a reference names; `''` where it registers none, or is gone. */
export async function versionOfImage(
  { world }: Pick<StackContext, 'world'>,
  reference: string,
): Promise<string> {
  return versionOf(reference, { variables: await declaredBy(world.read, reference) })
}

async function versionsOf(
  context: StackContext,
  { versions }: Routing,
  containers: Container[],
): Promise<VersionReport[]> {
  const images = [...new Set(containers.map(({ image }) => image))]
  const known = await Promise.all(
    images.map(async (image) => [image, await versionOfImage(context, image)] as const),
  )
  const version = new Map(known)
  return versions.map(({ buildId, status, pollers, running }) => {
    const own = containers.filter(({ image }) => version.get(image) === buildId)
    return {
      ...{ build_id: buildId, status, pollers: pollers.length, running },
      services: [...new Set(own.map(({ service }) => service))],
      image: own[0]?.image ?? '',
    }
  })
}

/** For people. */
export function formatWorkers(workers: Workers): string {
  const { containers, replicas, task_queue, queues, running, versions } = workers
  const own = containers.filter(({ name }) => !name.includes(PREVIOUS))
  const healthy = own.filter(({ health }) => health === 'healthy').length
  const tables = [
    formatTable(
      ['WORKER', 'IMAGE', 'HEALTH'],
      containers.map(({ name, image, health }) => [name, shortId(image), health]),
    ),
    versions ? formatVersions(versions) : 'this Temporal does not know worker versions',
    formatTable(
      ['TASK QUEUE', 'TASKS FOR', 'WAITING', 'OLDEST (S)', 'PROCESSES'],
      queues.map(({ kind, tasks, oldest_s, pollers }) => [
        ...[task_queue, kind, String(tasks), String(oldest_s), String(pollers.length)],
      ]),
    ),
    running.length === 0
      ? 'no workflow runs'
      : formatTable(
          ['WORKFLOW', 'RUNNING'],
          running.map(({ type, count }) => [type, String(count)]),
        ),
  ]
  return [`${healthy} of ${replicas} workers are healthy`, ...tables].join('\n\n')
}

const formatVersions = (versions: VersionReport[]): string =>
  formatTable(
    ['VERSION', 'STATUS', 'PROCESSES', 'RUNNING', 'SERVICE'],
    versions.map(({ build_id, status, pollers, running, services }) => [
      ...[build_id || 'none', status, String(pollers), String(running), services.join(', ') || '-'],
    ]),
  )
