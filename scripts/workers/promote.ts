import type { StackContext } from '../context.ts'
import { KitError } from '../errors.ts'
import type { Routing } from '../ports.ts'
import { readRelease } from '../releases/record.ts'
import { imageVariable } from '../stack/colours.ts'
import { activeColour } from '../stack/switch.ts'
import { inWords } from './build-id.ts'
import { askingTemporal, versionOfImage } from './report.ts'
import { findVersion, isLive, makeCurrent } from './routing.ts'

const RELEASE = /^\d{8}-\d{6}(-\d+)?$/

/**
 * Makes a version current: by its build id, by a recorded release, or that of the release that serves. Errors: there is
 * no such version, or nobody works for it.
 */
export async function promoteByHand(
  context: StackContext,
  named: string | undefined,
): Promise<{ changed: boolean; from: string; to: string }> {
  const { app, world } = context
  const routing = await askingTemporal(app, () => world.versions.look())
  if (!routing) {
    throw new KitError('this Temporal does not know worker versions, so none is current', {
      next: './ecomweb workers status',
    })
  }
  const to = await wanted(context, named, routing)
  const from = routing.current
  if (from === to) return { changed: false, from, to }
  if (!isLive(routing, to)) {
    throw new KitError(`${inWords(to)} cannot become current: nobody works for it`, {
      why: 'no worker has polled the task queue for it within 75 s, so that everything begun from now on would wait',
      next: './ecomweb workers status; ./ecomweb rollback RELEASE brings a release back with its workers',
    })
  }
  await world.versions.makeCurrent(to, routing.token)
  await makeCurrent(context, to, { wait: world.until })
  return { changed: true, from, to }
}

async function wanted(context: StackContext, named: string | undefined, routing: Routing): Promise<string> {
  const { env, world } = context
  if (named === undefined) return versionOfImage(context, env[imageVariable(await activeColour(world))])
  if (RELEASE.test(named)) {
    const release = await readRelease(world.disk, named)
    if (release?.image) return versionOfImage(context, release.image)
    throw new KitError(`release ${named} is not recorded here`, { next: './ecomweb history' })
  }
  if (findVersion(routing, named)) return named
  const known = routing.versions.map(({ buildId }) => buildId).filter(Boolean)
  throw new KitError(`Temporal knows no version ${named} of these workers`, {
    why: known.length > 0 ? `known: ${known.join(', ')}` : 'it knows none',
    next: './ecomweb workers status',
  })
}
