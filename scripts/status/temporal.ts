import type { WorkflowService } from '@temporalio/client'
import type { Container } from '../docker/containers.ts'
import { reachable } from './database.ts'

const LIMIT_MS = 2000

/** Where this host reaches Temporal, by the application's settings. Errors: `.env.api` does not say. */
export function temporalAddress(app: Record<string, string>, containers: Container[]): string {
  if (!app.TEMPORAL_ADDRESS) throw new Error('TEMPORAL_ADDRESS is not set in .env.api')
  return new URL(reachable(`tcp://${app.TEMPORAL_ADDRESS}`, containers)).host
}

/** Asks Temporal over a connection of its own. Errors: no answer within two seconds. */
export async function askTemporal<T>(
  address: string,
  ask: (service: WorkflowService) => Promise<T>,
): Promise<T> {
  // Costs 0.2 s to load, so only for those who ask.
  const { Connection } = await import('@temporalio/client')
  const connection = await Connection.connect({ address, connectTimeout: LIMIT_MS })
  try {
    return await connection.withDeadline(Date.now() + LIMIT_MS, () => ask(connection.workflowService))
  } finally {
    await connection.close()
  }
}

/** Who polls a task queue: one identity per worker process. Errors: no answer within two seconds. */
export async function readPollers(address: string, namespace: string, taskQueue: string): Promise<string[]> {
  const described = await askTemporal(address, (service) =>
    service.describeTaskQueue({ namespace, taskQueue: { name: taskQueue }, taskQueueType: 1 }),
  )
  // The server remembers a poller for five minutes; one that has gone no longer asks.
  const fresh = Date.now() - 75_000
  const seen = (described.pollers ?? []).filter(
    ({ lastAccessTime }) => Number(lastAccessTime?.seconds ?? 0) * 1000 > fresh,
  )
  return [...new Set(seen.map((poller) => poller.identity ?? ''))]
}
