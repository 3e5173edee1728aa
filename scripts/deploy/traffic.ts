import type { StackContext } from '../context.ts'
import { composeUp } from '../docker/compose.ts'
import { KitError } from '../errors.ts'
import { type Routes, readRoutesFile, readRunningRoutes, sameRoutes } from '../haproxy/routes.ts'
import { apiService, imageVariable } from '../stack/colours.ts'
import { checkReady } from '../stack/readiness.ts'
import { switchTo } from '../stack/switch.ts'
import { poll } from '../stack/wait.ts'
import type { World } from '../world.ts'
import { closeStreams } from './drain.ts'
import type { Plan } from './plan.ts'
import type { Step } from './steps.ts'

/** How long an old colour that died meanwhile may take to come back before traffic is moved to it. */
const BACK_WITHIN_MS = 60_000

/** Gives the new colour a share of the clients, always the same ones, and more with every step. */
export const canary = (context: StackContext, plan: Plan, weight: number, watch: Step['run']): Step => ({
  id: `canary-${weight}`,
  title: `canary: ${weight} % on ${plan.to}`,
  async run(detail) {
    await context.world.commit({ active: plan.from, canary: plan.to, weight })
    return watch(detail)
  },
  undo: () => giveBack(context, plan),
  urgent: true,
})

/** All traffic in one commit; undone by the same commit the other way. */
export const moveTraffic = (context: StackContext, plan: Plan): Step => ({
  id: 'switch',
  title: `switch ${plan.from} to ${plan.to}`,
  async run(detail) {
    const { commitMs } = context.world.runner.dry
      ? { commitMs: await context.world.commit({ active: plan.to, weight: 0 }) }
      : await switchTo(context, plan.to)
    detail(`HAProxy's commit took ${commitMs.toFixed(1)} ms`)
    return { commit_ms: commitMs }
  },
  undo: () => giveBack(context, plan),
  urgent: true,
})

/** Brings all traffic back to the old colour, which is made sure of before. */
export async function giveBack(context: StackContext, plan: Plan): Promise<void> {
  const { world, env, settings } = context
  const wanted: Routes = { active: plan.from, weight: 0 }
  if (await isSo(world, wanted)) return
  const image = plan.before[imageVariable(plan.from)] ?? env[imageVariable(plan.from)]
  const ready = async () => ((await checkReady(world, env, plan.from, image)).ready ? true : undefined)
  if (!(await ready())) {
    // Only started: users may be on it again already, and no edit of .env may replace it under them.
    await world.runner.run(composeUp([apiService(plan.from)], { dependencies: false, recreate: 'never' }))
    const timeoutMs = Math.min(settings.ready_timeout, BACK_WITHIN_MS)
    if (!(await poll(ready, { timeoutMs, clock: world.clock }))) {
      throw new KitError(`${plan.from} is not ready, so traffic was not moved back to it`, {
        next: `./ecomweb logs ${apiService(plan.from)}, then ./ecomweb abort`,
      })
    }
  }
  await world.commitBack(wanted)
  await closeStreams(context, plan.to)
}

async function isSo(world: World, wanted: Routes): Promise<boolean> {
  const file = await readRoutesFile(world)
  return sameRoutes(file, wanted) && sameRoutes(await readRunningRoutes(world), wanted)
}
