import type { StackContext } from '../context.ts'
import { containerOf } from '../docker/containers.ts'
import { KitError } from '../errors.ts'
import { readRoutesFile, readRunningRoutes, sameRoutes } from '../haproxy/routes.ts'
import type { Ports } from '../ports.ts'
import { apiService, type Colour } from './colours.ts'
import { checkReady } from './readiness.ts'

export type Switched = { from: Colour; to: Colour; commitMs: number; changed: boolean }

/** The colour that serves. Errors: file and running map disagree, which only a person may decide. */
export async function activeColour(ports: Pick<Ports, 'disk' | 'edge'>): Promise<Colour> {
  const [file, running] = [await readRoutesFile(ports), await readRunningRoutes(ports)]
  if (!sameRoutes(file, running)) {
    throw new KitError(`HAProxy serves ${running.active}, but haproxy/state/routes.map says ${file.active}`, {
      why: 'an earlier switch was cut off between the file and the running map',
      next: `./ecomweb switch ${running.active}   (keeps what is served now), or ./ecomweb switch ${file.active}`,
    })
  }
  return running.active
}

/** Moves all traffic to a colour that is really ready; switching to the active one changes nothing. */
export async function switchTo(context: StackContext, to: Colour): Promise<Switched> {
  const { world } = context
  const [file, running] = [await readRoutesFile(world), await readRunningRoutes(world)]
  const from = running.active
  if (from === to && sameRoutes(file, running)) return { from, to, commitMs: 0, changed: false }
  await requireReady(context, to)
  const commitMs = await world.commit({ active: to, weight: 0 })
  return { from, to, commitMs, changed: true }
}

async function requireReady({ env, world }: StackContext, colour: Colour): Promise<void> {
  const container = await containerOf(world.read, env.ECOMWEB_NAME, apiService(colour))
  if (!container?.running) {
    throw new KitError(`${colour} is not running, so it cannot take traffic`, {
      why: container ? `its container is ${container.status}` : 'it has no container',
      next: `docker compose up -d ${apiService(colour)}`,
    })
  }
  const verdict = await checkReady(world, env, colour, container.image)
  if (verdict.ready) return
  throw new KitError(`${colour} is not ready, so it cannot take traffic`, {
    why: verdict.missing,
    next: `./ecomweb logs ${apiService(colour)}`,
  })
}
