import type { StackContext } from '../context.ts'
import { containerFailure } from '../deploy/failure.ts'
import { composeUp } from '../docker/compose.ts'
import { containersOf } from '../docker/containers.ts'
import type { Wait } from './patience.ts'

export const WORKER = 'ecomweb_worker'
export const PREVIOUS = 'ecomweb_worker_previous'
export const CRON = 'ecomweb_cron'

type Detail = (text: string) => void

/** Brings services to what `.env` says, and nothing else. */
const bring = ({ world }: StackContext, services: string[], detail: Detail = () => {}): Promise<unknown> =>
  world.runner.run(composeUp(services, { dependencies: false }), { stream: detail })

/** Has the workers run this image. Errors: they do not become healthy. */
export async function runWorkers(
  context: StackContext,
  image: string,
  wait: Wait,
  detail?: Detail,
): Promise<void> {
  await context.world.editEnv({ BACKGROUND_IMAGE: image })
  await bring(context, [WORKER], detail)
  await waitForServices(context, [WORKER], wait, detail)
}

/** What ecomweb_worker_previous runs: an image, and in how many containers. */
export type Previous = { image: string; replicas: number }

/** Has the second service run this. Errors: it does not become healthy. */
export async function runPrevious(
  context: StackContext,
  { image, replicas }: Previous,
  wait: Wait,
  detail?: Detail,
): Promise<void> {
  await context.world.editEnv({
    WORKER_PREVIOUS_IMAGE: image,
    WORKER_PREVIOUS_REPLICAS: String(replicas),
  })
  await bring(context, [PREVIOUS], detail)
  if (replicas > 0) await waitForServices(context, [PREVIOUS], wait, detail)
}

/** Waits until every container of these services is healthy. Errors: one restarts, ends, or needs too long. */
export async function waitForServices(
  context: StackContext,
  services: string[],
  wait: Wait,
  detail: Detail = () => {},
): Promise<void> {
  const { env, settings, world } = context
  let missing = { service: services[0] as string, text: 'it never started' }
  const look = async (): Promise<'healthy' | 'crashed' | undefined> => {
    const containers = (await containersOf(world.read, env.ECOMWEB_NAME)).filter((c) =>
      services.includes(c.service),
    )
    const late = containers.find((c) => c.health !== 'healthy')
    if (!late) return 'healthy'
    missing = { service: late.service, text: `its health is ${late.health}` }
    detail(`${late.name} is ${late.health}`)
    return late.restarts > 0 || late.status === 'exited' ? 'crashed' : undefined
  }
  const limit = { timeoutMs: settings.background_timeout, intervalMs: 500, assume: 'healthy' as const }
  const outcome = await wait(`${services.join(' and ')} are healthy`, look, limit).catch(
    () => 'late' as const,
  )
  if (wait === world.until) context.interrupted.throwIfAborted()
  if (outcome !== 'healthy') throw await containerFailure(context, missing.service, [missing.text])
}
