import { nameOf, type WorkerVersion } from '../../core/worker-version.ts'
import { type Execution, quoted, RUNNING } from '../replay/sample.ts'

/** A workflow that runs, and the version to which it is pinned: `deployment:build`. */
export type PinnedExecution = Execution & { version: string }

/** What of Temporal's visibility is needed, as `client.workflow` has it. */
export type Visibility = {
  list(options: { query: string; pageSize?: number }): AsyncIterable<Listed>
}
type Listed = { type: string; workflowId: string; runId: string; searchAttributes: object }

const PINNED = "TemporalWorkflowVersioningBehavior = 'Pinned'"
const VERSION = 'TemporalWorkerDeploymentVersion'
const PAGE = 200

/** A condition on workflows: only workers of this version execute them. */
export const pinnedToVersion = (version: WorkerVersion): string =>
  `${PINNED} AND ${VERSION} = ${quoted(nameOf(version))}`

/** Workflows of a deployment that run pinned to other versions than these: at most `most`, those left out by `skip` not counted. */
export async function pinnedToOthers(
  visibility: Visibility,
  deployment: string,
  versions: Iterable<string>,
  { most, skip }: { most: number; skip: (runId: string) => boolean },
): Promise<PinnedExecution[]> {
  const others = [...versions].map((version) => ` AND ${VERSION} != ${quoted(version)}`).join('')
  const query = `${RUNNING} AND TemporalWorkerDeployment = ${quoted(deployment)} AND ${PINNED}${others}`
  const found: PinnedExecution[] = []
  for await (const { type, workflowId, runId, searchAttributes } of visibility.list({
    query,
    pageSize: PAGE,
  })) {
    if (skip(runId)) continue
    const [version] = ((searchAttributes as Record<string, string[]>)[VERSION] ?? []) as string[]
    if (version) found.push({ type, workflowId, runId, closed: false, version })
    if (found.length === most) break
  }
  return found
}
