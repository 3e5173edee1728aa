import type { WorkflowService } from '@temporalio/client'
import type { Container } from '../docker/containers.ts'
import { reachTemporal } from '../temporal/away.ts'
import { reachable } from './database.ts'
import { withoutLeftBehind } from './left-behind.ts'

/** Temporal's numbers for the two kinds of tasks in a task queue. */
const KINDS = { workflow: 1, activity: 2 } as const
type Kind = keyof typeof KINDS
export const taskKinds = Object.keys(KINDS) as Kind[]

const LIMIT_MS = 2000
const MOST_TYPES = 100

/** One kind of tasks in a task queue: who asks for them, how many wait, and for how many seconds the oldest has. */
export type TaskQueue = {
  kind: Kind
  pollers: string[]
  tasks: number
  oldest_s: number
}

export type Work = { queues: TaskQueue[]; running: { type: string; count: number }[] }

/** Where this host reaches Temporal, by the application's settings. Errors: `.env.api` does not say. */
export function temporalAddress(app: Record<string, string>, containers: Container[]): string {
  if (!app.TEMPORAL_ADDRESS) throw new Error('TEMPORAL_ADDRESS is not set in .env.api')
  return new URL(reachable(`tcp://${app.TEMPORAL_ADDRESS}`, containers)).host
}

/**
 * Asks Temporal over a connection of its own. Errors: TemporalAway; no answer within two seconds, or within `limitMs`.
 *
 * The connection outlives all of its calls, also those whose answer nobody waits for any more: the client makes their
 * next attempts from timers, and a closed channel throws there, which would end the process.
 */
export async function askTemporal<T>(
  address: string,
  ask: (service: WorkflowService) => Promise<T>,
  limitMs = LIMIT_MS,
): Promise<T> {
  const connectTimeout = Math.min(LIMIT_MS, limitMs)
  await reachTemporal(address, connectTimeout)
  // Costs 0.2 s to load, so only for those who ask.
  const { Connection } = await import('@temporalio/client')
  const connection = await Connection.connect({ address, connectTimeout })
  const calls: unknown[] = []
  const service = new Proxy(connection.workflowService, {
    get: (target, method) => {
      const call = Reflect.get(target, method)
      return (...request: unknown[]) => {
        const answer = call.apply(target, request)
        calls.push(answer)
        return answer
      }
    },
  })
  try {
    return await connection.withDeadline(Date.now() + limitMs, () => ask(service))
  } finally {
    await Promise.allSettled(calls)
    await connection.close()
  }
}

/** Who polls a task queue: one identity per worker process. Errors: no answer within two seconds. */
export const readPollers = (address: string, namespace: string, taskQueue: string): Promise<string[]> =>
  askTemporal(address, (service) => readQueue(service, namespace, taskQueue, 'workflow')).then(
    ({ pollers }) => pollers,
  )

/** What waits and what runs. Errors: no answer within two seconds. */
export const readWork = (address: string, namespace: string, taskQueue: string): Promise<Work> =>
  askTemporal(address, async (service) => ({
    queues: await Promise.all(taskKinds.map((kind) => readQueue(service, namespace, taskQueue, kind))),
    running: await readRunning(service, namespace),
  }))

/** What Temporal says of one kind of tasks in a task queue, with its statistics of what waits for workers that are there. */
export async function describeQueue(service: WorkflowService, namespace: string, name: string, kind: Kind) {
  const { pollers, stats } = await service.describeTaskQueue({
    ...{ namespace, taskQueue: { name }, taskQueueType: KINDS[kind], reportStats: true },
  })
  const place = { namespace, queue: name, kind: KINDS[kind] }
  const known = { stats, pollers: freshPollers(pollers ?? []) }
  return { pollers, stats: stats && (await withoutLeftBehind(service, place, { ...known, stats })) }
}

async function readQueue(
  service: WorkflowService,
  namespace: string,
  taskQueue: string,
  kind: Kind,
): Promise<TaskQueue> {
  const { pollers, stats } = await describeQueue(service, namespace, taskQueue, kind)
  const seen = freshPollers(pollers ?? [])
  return {
    kind,
    pollers: [...new Set(seen.map((poller) => poller.identity ?? ''))],
    tasks: Number(stats?.approximateBacklogCount ?? 0),
    oldest_s: Number(stats?.approximateBacklogAge?.seconds ?? 0),
  }
}

/** The server remembers a poller for five minutes; one that has gone no longer asks. */
export function freshPollers<P extends { lastAccessTime?: { seconds?: unknown } | null }>(pollers: P[]): P[] {
  const fresh = Date.now() - 75_000
  return pollers.filter(({ lastAccessTime }) => Number(lastAccessTime?.seconds ?? 0) * 1000 > fresh)
}

type Visibility = Pick<WorkflowService, 'listWorkflowExecutions' | 'countWorkflowExecutions'>

/** Running workflows by type. Not every server can group by it, so each is asked for what is of no known type. */
export async function readRunning(service: Visibility, namespace: string): Promise<Work['running']> {
  const running: Work['running'] = []
  const quoted = (type: string) => `'${type.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`
  while (running.length < MOST_TYPES) {
    const others = running.map(({ type }) => ` AND WorkflowType != ${quoted(type)}`).join('')
    const query = `ExecutionStatus = 'Running'${others}`
    const { executions } = await service.listWorkflowExecutions({ namespace, pageSize: 1, query })
    const type = executions?.[0]?.type?.name
    if (!type || running.some((known) => known.type === type)) break
    const ofType = `ExecutionStatus = 'Running' AND WorkflowType = ${quoted(type)}`
    const { count } = await service.countWorkflowExecutions({ namespace, query: ofType })
    running.push({ type, count: Number(count ?? 0) })
  }
  return running.toSorted((a, b) => b.count - a.count)
}
