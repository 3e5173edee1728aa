import type { Env } from './env.ts'

/** A version of the workers: one build of a named deployment, as Temporal has it. */
export type WorkerVersion = { deploymentName: string; buildId: string }

export type VersionSettings = Partial<Pick<Env, 'TEMPORAL_DEPLOYMENT_NAME' | 'TEMPORAL_WORKER_BUILD_ID'>>

/** The version of this process; undefined where workers have none. */
export function versionOf(env: VersionSettings): WorkerVersion | undefined {
  const { TEMPORAL_DEPLOYMENT_NAME: deploymentName, TEMPORAL_WORKER_BUILD_ID: buildId } = env
  return deploymentName && buildId ? { deploymentName, buildId } : undefined
}

/** A version as Temporal's visibility writes it: `deployment:build`. */
export const nameOf = ({ deploymentName, buildId }: WorkerVersion): string => `${deploymentName}:${buildId}`

type Override = { versioningOverride?: { pinnedTo: WorkerVersion } }

/**
 * By their gRPC codes: no worker of this version has registered (FAILED_PRECONDITION), or the server does not know such
 * versions (INVALID_ARGUMENT, UNIMPLEMENTED).
 */
const REFUSALS = [9, 3, 12]

/**
 * Starts a workflow that only workers of `version` execute, and where the server refuses that, one for whichever workers are
 * current. `start` is called with what to add to its options, at most twice.
 */
export async function pinned<T>(
  version: WorkerVersion | undefined,
  start: (override: Override) => Promise<T>,
): Promise<T> {
  if (!version) return start({})
  try {
    return await start({ versioningOverride: { pinnedTo: version } })
  } catch (error) {
    const { code, cause } = error as { code?: number; cause?: { code?: number } }
    if (!REFUSALS.includes(cause?.code ?? code ?? 0)) throw error
    return start({})
  }
}
