import type { StackContext } from '../context.ts'
import { composeUp } from '../docker/compose.ts'
import { containersOf } from '../docker/containers.ts'
import { containerFailure } from './failure.ts'
import type { Plan } from './plan.ts'
import type { Step } from './steps.ts'

const SERVICES = ['ecomweb_worker', 'ecomweb_cron']

/**
 * Moves workers and cron to the image. Both are stopped first: a worker finishes its activities, cron its running
 * job; tasks wait in Temporal meanwhile, and slots missed in between are caught up.
 */
export function moveBackground(context: StackContext, plan: Plan): Step {
  const { world } = context
  return {
    id: 'background',
    title: 'move workers and cron',
    async run(detail) {
      await world.editEnv({ BACKGROUND_IMAGE: plan.image })
      await world.runner.run(composeUp(SERVICES, { dependencies: false }), { stream: detail })
      await waitForBackground(context, detail)
    },
    async undo() {
      await world.editEnv({ BACKGROUND_IMAGE: plan.before.BACKGROUND_IMAGE ?? plan.image })
      await world.runner.run(composeUp(SERVICES, { dependencies: false }))
    },
  }
}

/** Waits until every worker and cron container is healthy. Errors: one restarts, ends, or needs too long. */
async function waitForBackground(context: StackContext, detail: (text: string) => void): Promise<void> {
  const { env, settings, world } = context
  let missing = { service: 'ecomweb_worker', text: 'it never started' }
  const look = async (): Promise<'healthy' | 'crashed' | undefined> => {
    const containers = (await containersOf(world.read, env.ECOMWEB_NAME)).filter((c) =>
      SERVICES.includes(c.service),
    )
    const late = containers.find((c) => c.health !== 'healthy')
    if (!late) return 'healthy'
    missing = { service: late.service, text: `its health is ${late.health}` }
    detail(`${late.name} is ${late.health}`)
    return late.restarts > 0 || late.status === 'exited' ? 'crashed' : undefined
  }
  const limit = { timeoutMs: settings.background_timeout, intervalMs: 500, assume: 'healthy' as const }
  const outcome = await world.until('workers and cron are healthy', look, limit).catch(() => 'late' as const)
  context.interrupted.throwIfAborted()
  if (outcome !== 'healthy') throw await containerFailure(context, missing.service, [missing.text])
}
