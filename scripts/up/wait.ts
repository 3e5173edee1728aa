import type { StackContext } from '../context.ts'
import { containerFailure } from '../deploy/failure.ts'
import { type Container, containersOf } from '../docker/containers.ts'
import { readRunningRoutes } from '../haproxy/routes.ts'
import { apiService, type Colour } from '../stack/colours.ts'
import { checkReady } from '../stack/readiness.ts'

/** Services that end by themselves when their work is done. */
const ONE_SHOT = new Set(['ecomweb_haproxy_init', 'ecomweb_app_image', 'ecomweb_temporal_setup'])

/** Cold start of everything on a slow machine; a wait that is longer has a cause worth reading. */
const LIMIT_MS = 6 * 60_000

/** Waits until every container is healthy and HAProxy serves the active colour; shows what is still missing. */
export async function waitForStack(context: StackContext): Promise<Colour> {
  const { env, progress, world } = context
  let first: { service: string; why: string } | undefined
  const look = async (detail: (text: string) => void): Promise<Colour | undefined> => {
    const containers = await containersOf(world.read, env.ECOMWEB_NAME)
    const late = containers.filter((container) => !isUp(container))
    first = late[0] && { service: late[0].service, why: `its health is ${late[0].health}` }
    if (late.length > 0) {
      detail(
        `${containers.length - late.length} of ${containers.length} ready; ${late.map(describe).join(', ')}`,
      )
      return undefined
    }
    const { active } = await readRunningRoutes(world)
    const image = containers.find((container) => container.service === apiService(active))?.image ?? ''
    const verdict = await checkReady(world, env, active, image)
    if (verdict.ready) return active
    first = { service: apiService(active), why: verdict.missing }
    detail(`${active}: ${verdict.missing}`)
    return undefined
  }
  return progress.step('wait until everything is ready', async (detail) => {
    const limit = { timeoutMs: LIMIT_MS, intervalMs: 500, assume: 'blue' as const }
    try {
      return await world.until('everything is ready', () => look(detail), limit)
    } catch (error) {
      throw first ? await containerFailure(context, first.service, [first.why]) : error
    }
  })
}

const isUp = (container: Container): boolean =>
  ONE_SHOT.has(container.service) ? container.exitCode === 0 : container.health === 'healthy'

const describe = (container: Container): string => `${container.service} ${container.health}`
