import type { StackContext } from '../context.ts'
import { KitError } from '../errors.ts'
import { apiService } from '../stack/colours.ts'
import { containerFailure } from './failure.ts'
import type { Plan } from './plan.ts'
import type { Step } from './steps.ts'
import { giveBack } from './traffic.ts'
import { illness } from './watching.ts'

const EVERY_MS = 1000
/** In a row: one look may fall into a moment that passes. */
const ILL_LOOKS = 2

/**
 * A step that has to do with something else while users are on the new colour: beside it, the colour is looked at every
 * second. Where it is ill twice in a row, users go back at once, the step is ended at its next wait, or else left to
 * end, and fails with what was seen. `make` gets a context whose waits this can end.
 */
export function guarded(context: StackContext, plan: Plan, make: (context: StackContext) => Step): Step {
  const run: Step['run'] = async (detail) => {
    const ending = new AbortController()
    const over = new AbortController()
    const work = make(endedBy(context, ending.signal)).run(detail)
    const ended = work.then(
      () => {},
      () => {},
    )
    const ill = await Promise.race([ended, untilIll(context, plan, over.signal)])
    over.abort()
    if (ill === undefined) return work
    // Where that fails, the undo says so.
    await giveBack(context, plan).catch(() => {})
    ending.abort(new KitError(ill))
    await ended
    const what = `${plan.to} fell ill while users were on it, so they are on ${plan.from} again`
    throw await containerFailure(context, apiService(plan.to), [ill], { what })
  }
  return { ...make(context), ...(context.world.runner.dry ? {} : { run }) }
}

/** What is wrong with the new colour; undefined as soon as nobody wants to know any more. */
async function untilIll(context: StackContext, plan: Plan, over: AbortSignal): Promise<string | undefined> {
  for (let looks = 0; ; ) {
    await context.world.clock.sleep(EVERY_MS, over)
    if (over.aborted) return undefined
    // An edge that does not answer is no illness of the colour.
    const ill = await illness(context, plan).catch(() => undefined)
    looks = ill === undefined ? 0 : looks + 1
    if (looks >= ILL_LOOKS) return ill
  }
}

function endedBy(context: StackContext, ending: AbortSignal): StackContext {
  const { world } = context
  const until: typeof world.until = (what, look, limit) => {
    const unlessEnded = async () => {
      ending.throwIfAborted()
      return look()
    }
    return world.until(what, unlessEnded, limit)
  }
  return {
    ...context,
    interrupted: AbortSignal.any([context.interrupted, ending]),
    world: { ...world, until },
  }
}
