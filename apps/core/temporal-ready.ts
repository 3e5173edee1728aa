import type { Connection } from '@temporalio/client'
import { explainUnreachable } from './tcp.ts'
import { connectTemporal } from './temporal-connection.ts'

const ALREADY_EXISTS = 6
const NOT_FOUND = 5
const RETENTION_SECONDS = 72 * 3600
const DEADLINE_MS = 3000

/**
 * What Temporal still lacks. Registers the namespace where it is absent: a fresh server has none, and whoever
 * comes first makes it.
 */
export function lookAtTemporal(env: NodeJS.ProcessEnv): () => Promise<string | undefined> {
  const address = env.TEMPORAL_ADDRESS ?? ''
  const namespace = env.TEMPORAL_NAMESPACE || 'default'
  return async () => {
    if (!address) return 'TEMPORAL_ADDRESS is not set'
    const unreachable = await explainUnreachable(address, DEADLINE_MS)
    if (unreachable) return `Temporal at ${address}: ${unreachable}`
    let connection: Connection | undefined
    try {
      connection = await connectTemporal(address, DEADLINE_MS)
      return await connection.withDeadline(Date.now() + DEADLINE_MS, () =>
        ensureNamespace(connection as Connection, namespace),
      )
    } catch (error) {
      return `Temporal at ${address}: ${describeTemporalError(error)}`
    } finally {
      await connection?.close()
    }
  }
}

/** The error in words; gRPC hides the useful part behind a code and a generic message. */
export function describeTemporalError(error: unknown): string {
  const { details, message, cause } = error as {
    details?: string
    message?: string
    cause?: { details?: string }
  }
  const text = details || cause?.details || message || String(error)
  if (/deadline|timed? ?out|Failed to connect before/i.test(text)) return 'no answer in time'
  return text.replace(/\s+/g, ' ')
}

async function ensureNamespace(connection: Connection, namespace: string): Promise<string | undefined> {
  const service = connection.workflowService
  try {
    await service.describeNamespace({ namespace })
    return undefined
  } catch (error) {
    if ((error as { code?: number }).code !== NOT_FOUND) throw error
  }
  const workflowExecutionRetentionPeriod = { seconds: RETENTION_SECONDS as never }
  try {
    await service.registerNamespace({ namespace, workflowExecutionRetentionPeriod })
  } catch (error) {
    if ((error as { code?: number }).code !== ALREADY_EXISTS) throw error
  }
  // servers learn of a new namespace from a cache: it is usable at the next look
  return `Temporal: namespace ${namespace} was just registered`
}
