import type { StackContext } from '../context.ts'
import { composeUp } from '../docker/compose.ts'
import { CRON, WORKER, waitForServices } from '../workers/services.ts'
import type { Plan } from './plan.ts'
import type { Step } from './steps.ts'

const SERVICES = [WORKER, CRON]

/**
 * Moves workers and cron to the image, where workers have no versions. Both are stopped first: a worker finishes its
 * activities, cron its running job; tasks wait in Temporal meanwhile, and slots missed in between are caught up.
 */
export function moveBackground(context: StackContext, plan: Plan): Step {
  const { world } = context
  return {
    id: 'background',
    title: 'move workers and cron',
    async run(detail) {
      await world.editEnv({ BACKGROUND_IMAGE: plan.image })
      await world.runner.run(composeUp(SERVICES, { dependencies: false }), { stream: detail })
      await waitForServices(context, SERVICES, world.until, detail)
    },
    async undo() {
      await world.editEnv({ BACKGROUND_IMAGE: plan.before.BACKGROUND_IMAGE ?? plan.image })
      await world.runner.run(composeUp(SERVICES, { dependencies: false }))
    },
  }
}
