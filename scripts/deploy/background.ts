import type { StackContext } from '../context.ts'
import { composeUp } from '../docker/compose.ts'
import { CRON, WORKER, waitForServices } from '../workers/services.ts'
import type { Plan } from './plan.ts'
import type { Step } from './steps.ts'

/**
 * Moves workers and cron to the image, where workers have no versions. Both are stopped first: a worker finishes its
 * activities, cron its running job; tasks wait in Temporal meanwhile, and slots missed in between are caught up.
 */
export const moveBackground = (context: StackContext, plan: Plan): Step =>
  move(context, plan, { id: 'background', title: 'move workers and cron', services: [WORKER, CRON] })

/** Cron alone: its jobs run on the release that serves. */
export const moveCron = (context: StackContext, plan: Plan): Step =>
  move(context, plan, { id: 'cron', title: 'move cron', services: [CRON] })

const move = (
  context: StackContext,
  { image, before }: Plan,
  { services, ...step }: Pick<Step, 'id' | 'title'> & { services: string[] },
): Step => {
  const { world } = context
  const up = composeUp(services, { dependencies: false })
  return {
    ...step,
    async run(detail) {
      await world.editEnv({ BACKGROUND_IMAGE: image })
      await world.runner.run(up, { stream: detail })
      await waitForServices(context, services, world.until, detail)
    },
    async undo() {
      await world.editEnv({ BACKGROUND_IMAGE: before.BACKGROUND_IMAGE ?? image })
      await world.runner.run(up)
    },
  }
}
