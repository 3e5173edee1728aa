import type { StackContext } from '../context.ts'
import { inWords } from '../workers/build-id.ts'
import { steadfast } from '../workers/patience.ts'
import { release } from '../workers/release.ts'
import { askRouting, isLive, makeCurrent, runningOn } from '../workers/routing.ts'
import { runPrevious } from '../workers/services.ts'
import { held } from './held.ts'
import type { Plan } from './plan.ts'
import { handover, settlePrevious } from './retire.ts'
import type { Step } from './steps.ts'
import { promoteIfLive } from './workers.ts'

/**
 * After a switch of traffic alone, the version of the colour that serves becomes current. It has workers in one of the
 * two services as a rule; else it is given the second one.
 */
export const follow = (context: StackContext, plan: Plan): Step[] =>
  plan.workers.to === plan.workers.from
    ? []
    : [promoteIfLive(context, plan), held(context, plan, giveWorkers(context, plan))]

function giveWorkers(context: StackContext, plan: Plan): Step {
  const { world } = context
  const { from, to, previous, replicas } = plan.workers
  return {
    id: 'workers',
    title: `make sure of workers of ${inWords(to)}`,
    async run(detail) {
      const before = await askRouting(context, { wait: world.until })
      if (!before) return
      const live = isLive(before, to)
      if (!live) await runPrevious(context, { image: plan.image, replicas }, world.until, detail)
      const left = await makeCurrent(context, to, { wait: world.until }, live ? before : undefined)
      // Whose place it took.
      if (!left || previous === '' || previous === to || isLive(left, previous)) return
      const running = runningOn(left, previous)
      if (running > 0) await release(context, handover(plan, previous, running, detail, plan.image))
    },
    async undo() {
      await settlePrevious(context, plan)
      await makeCurrent(context, from, { wait: steadfast(world) })
    },
  }
}
