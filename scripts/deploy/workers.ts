import { openStack, type StackContext } from '../context.ts'
import { KitError } from '../errors.ts'
import { imageVariable } from '../stack/colours.ts'
import { inWords } from '../workers/build-id.ts'
import { steadfast, type Wait } from '../workers/patience.ts'
import { askRouting, isLive, makeCurrent, waitForPollers } from '../workers/routing.ts'
import { type Previous, runPrevious, runWorkers, WORKER } from '../workers/services.ts'
import type { Plan } from './plan.ts'
import type { Step } from './steps.ts'

/** Users are on their colour again: whether the version follows at once or a moment later is not worth their wait. */
const SOON_MS = 5000

/** The image of the colour that serves before. */
export const servedImage = ({ before, from }: Plan): string => before[imageVariable(from)] ?? ''

/** What ecomweb_worker_previous ran before. */
export const previousBefore = ({ before }: Plan): Previous => ({
  image: before.WORKER_PREVIOUS_IMAGE ?? '',
  replicas: Number(before.WORKER_PREVIOUS_REPLICAS ?? 0),
})

/**
 * Brings the new image's workers up beside those of the image that serves, which go on in ecomweb_worker_previous.
 * The current version stays where it is, and never lacks workers meanwhile.
 */
export function moveWorkers(context: StackContext, plan: Plan): Step {
  const { world, settings } = context
  const { to, gate } = plan.workers
  const served = servedImage(plan)
  return {
    id: 'workers',
    title: `start workers of ${inWords(to)} beside those of ${inWords(plan.workers.from)}`,
    async run(detail) {
      await exchange(context, plan, world.until, detail)
      if (plan.warm) {
        await makeCurrent(context, to, { wait: world.until })
        return
      }
      await waitForPollers(context, to, { wait: world.until })
      if (gate === '') return
      detail(`${gate} on ${inWords(to)}`)
      await passGate(context, {
        ...{ workflow: gate, id: `release-gate-${plan.id}`, buildId: to },
        timeoutMs: settings.background_timeout,
      })
      return { gate }
    },
    async undo() {
      const wait = steadfast(world)
      const before = plan.before.BACKGROUND_IMAGE ?? served
      await runWorkers(context, before, wait)
      // A worker may have made its version current by itself, where it found no other.
      await makeCurrent(context, plan.workers.from, { wait })
    },
  }
}

/** In the order in which the current version has workers all the time; run again, it finds what is done. */
async function exchange(
  context: StackContext,
  plan: Plan,
  wait: Wait,
  detail: (text: string) => void,
): Promise<void> {
  const served = { image: servedImage(plan), replicas: plan.workers.replicas }
  if (served.image === plan.image) return runWorkers(context, plan.image, wait, detail)
  const routing = await askRouting(context, { wait })
  // What `.env` says now: an earlier process, or an earlier step, may have come so far.
  const { WORKER_PREVIOUS_IMAGE: image, WORKER_PREVIOUS_REPLICAS: replicas } = (await openStack(context)).env
  if (routing?.current === plan.workers.to && image === plan.image && replicas > 0) {
    await runWorkers(context, plan.image, wait, detail)
    await runPrevious(context, served, wait, detail)
    return
  }
  await runPrevious(context, served, wait, detail)
  await runWorkers(context, plan.image, wait, detail)
}

/** Errors: the new workers do not do what they say they can. */
async function passGate(
  { world, interrupted }: StackContext,
  gate: Parameters<StackContext['world']['versions']['gate']>[0],
): Promise<void> {
  try {
    await world.versions.gate(gate)
  } catch (error) {
    interrupted.throwIfAborted()
    throw new KitError(`workers of ${inWords(gate.buildId)} did not complete ${gate.workflow}`, {
      why: `${(error as Error).message}; no user has reached the new version`,
      next: `./ecomweb logs ${WORKER}, mend the image, then ./ecomweb deploy again`,
      cause: error,
    })
  }
}

/** The release that serves is the one on which what nobody has begun yet begins. */
export const promote = (context: StackContext, plan: Plan): Step => ({
  id: 'promote',
  title: `make ${inWords(plan.workers.to)} current`,
  async run() {
    await makeCurrent(context, plan.workers.to, { wait: context.world.until })
  },
  undo: () => promoteBack(context, plan),
  early: true,
})

/** Where users are moved first: at once if the version has workers, else once it has. */
export const promoteIfLive = (context: StackContext, plan: Plan): Step => ({
  ...promote(context, plan),
  async run(detail) {
    const { world } = context
    const { to } = plan.workers
    const soon = { wait: steadfast(world), timeoutMs: SOON_MS }
    const routing = world.runner.dry ? undefined : await askRouting(context, soon).catch(() => undefined)
    if (routing && isLive(routing, to)) await makeCurrent(context, to, soon, routing).catch(() => undefined)
    else detail(`${inWords(to)} becomes current with its workers`)
  },
})

/** Tries; what follows makes sure of it. */
async function promoteBack(context: StackContext, plan: Plan): Promise<void> {
  const soon = { wait: steadfast(context.world), timeoutMs: SOON_MS }
  await makeCurrent(context, plan.workers.from, soon).catch(() => {})
}
