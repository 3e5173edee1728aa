import { releaseTag } from '../docker/application-image.ts'
import { containersOf } from '../docker/containers.ts'
import type { WorkerVersion } from '../ports.ts'
import { linesOf, listTags } from '../releases/retain.ts'
import { parseEnvFile } from '../settings/env-file.ts'
import type { World } from '../world.ts'
import { buildIdOf } from './build-id.ts'

const ROLES = ['API_BLUE_IMAGE', 'API_GREEN_IMAGE', 'BACKGROUND_IMAGE', 'WORKER_PREVIOUS_IMAGE']

/** Versions that nothing runs on, nobody polls for, and no release that is kept goes back to. */
export const forgettable = (versions: readonly WorkerVersion[], kept: ReadonlySet<string>): string[] =>
  versions.flatMap(({ buildId, status, running, pollers }) =>
    buildId !== '' &&
    (status === 'drained' || status === 'inactive') &&
    running === 0 &&
    pollers.length === 0 &&
    !kept.has(buildId)
      ? [buildId]
      : [],
  )

/**
 * Removes Temporal's records of such versions: it keeps a hundred of a deployment, and takes no more workers then. One
 * that it does not let go yet, since it remembers pollers for some minutes, is tried again after the next deploy.
 */
export async function forgetVersions(
  { read, disk, versions }: Pick<World, 'read' | 'disk' | 'versions'>,
  stack: string,
): Promise<string[]> {
  const env = parseEnvFile((await disk.read('.env')) ?? '')
  const named = ROLES.flatMap((name) => (env[name] ? [buildIdOf(env[name])] : []))
  const prefix = releaseTag(stack, '')
  const tags = linesOf((await read.run(listTags, { check: false })).stdout)
  const released = tags.flatMap((tag) => (tag.startsWith(prefix) ? [tag.slice(prefix.length)] : []))
  const containers = (await containersOf(read, stack)).map(({ image }) => buildIdOf(image))
  const routing = await versions.look().catch(() => undefined)
  const removed: string[] = []
  const kept = new Set([...named, ...released, ...containers])
  for (const buildId of forgettable(routing?.versions ?? [], kept)) {
    const gone = await versions.remove(buildId).then(
      () => true,
      () => false,
    )
    if (gone) removed.push(buildId)
  }
  return removed
}
