import { openStack, type StackContext } from '../context.ts'
import { shortId } from '../docker/application-image.ts'
import { type Container, containersOf } from '../docker/containers.ts'
import { EXIT, KitError } from '../errors.ts'
import { formatTable } from '../output/table.ts'
import { readWork, temporalAddress, type Work } from '../status/temporal.ts'
import type { CommandSpec } from './command.ts'

/** The version before is in a service of its own while it finishes what it has begun. */
const SERVICES = ['ecomweb_worker', 'ecomweb_worker_previous']

type Workers = Work & {
  containers: { name: string; image: string; health: string }[]
  /** How many there should be, by `.env`. */
  replicas: number
  task_queue: string
}

export const workersCommand: CommandSpec = {
  name: 'workers',
  summary: 'show the workers, what waits for them and which workflows run',
  operands: 'status',
  arity: [1, 1],
  examples: ['./ecomweb workers status', './ecomweb workers status --json'],
  async run(context, _values, [verb]) {
    if (verb !== 'status') {
      throw new KitError(`there is no "workers ${verb}"`, {
        next: './ecomweb workers --help',
        code: EXIT.usage,
      })
    }
    const stack = await openStack(context)
    const workers = await look(stack)
    stack.emit(workers)
    stack.print(formatWorkers(workers))
  },
}

async function look({ env, app, settings, world }: StackContext): Promise<Workers> {
  const containers = await containersOf(world.read, env.ECOMWEB_NAME)
  const namespace = app.TEMPORAL_NAMESPACE || 'default'
  const { queue } = settings.autoscale
  const work = await readWork(temporalAddress(app, containers), namespace, queue).catch((error: Error) => {
    throw new KitError(`Temporal at ${app.TEMPORAL_ADDRESS} does not tell of its task queues`, {
      why: error.message,
      next: './ecomweb status',
    })
  })
  const ours = ({ service }: Container) => SERVICES.includes(service)
  return {
    containers: containers.filter(ours).map(({ name, image, health }) => ({ name, image, health })),
    replicas: env.WORKER_REPLICAS,
    task_queue: queue,
    ...work,
  }
}

/** For people. */
export function formatWorkers({ containers, replicas, task_queue, queues, running }: Workers): string {
  const healthy = containers.filter(({ health }) => health === 'healthy').length
  const tables = [
    formatTable(
      ['WORKER', 'IMAGE', 'HEALTH'],
      containers.map(({ name, image, health }) => [name, shortId(image), health]),
    ),
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
