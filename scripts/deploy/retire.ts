import type { StackContext } from '../context.ts'
import { KitError } from '../errors.ts'
import type { Routing } from '../ports.ts'
import { inWords } from '../workers/build-id.ts'
import { steadfast } from '../workers/patience.ts'
import { type Handover, release, replayVersion } from '../workers/release.ts'
import { askRouting, isLive, makeCurrent, runningOn } from '../workers/routing.ts'
import { PREVIOUS, type Previous, runPrevious } from '../workers/services.ts'
import type { Plan } from './plan.ts'
import type { Step } from './steps.ts'
import { previousBefore, servedImage } from './workers.ts'

/** Versions that lose their workers by this plan: what the two services run, but for the old and the new release. */
export const leaving = ({ workers, image, ...plan }: Plan): string[] => {
  const { from, to, worker, previous } = workers
  // Where the image that serves is deployed again, the second service stays as it is.
  const stays = servedImage({ workers, image, ...plan }) === image
  return [...new Set([worker, ...(stays ? [] : [previous])])].filter(
    (version) => version !== '' && version !== from && version !== to,
  )
}

/**
 * No workflow is left on a version without workers: what still runs on one that is about to lose its own goes on with
 * the release that serves, if it can. A deploy is refused for what it cannot go on with; a rollback is not.
 */
export function retire(context: StackContext, plan: Plan): Step {
  const { world } = context
  return {
    id: 'retire',
    title: 'hand over what older versions still run',
    async run(detail) {
      // What is released goes to the current version, which is that of the release that serves unless somebody changed it.
      const routing = await askRouting(context, { wait: world.until }).catch((error) => {
        throw unseen(error, plan)
      })
      if (
        routing &&
        routing.current !== plan.workers.from &&
        !plan.warm &&
        isLive(routing, plan.workers.from)
      )
        await makeCurrent(context, plan.workers.from, { wait: world.until })
      const released: Record<string, number> = {}
      for (const version of leaving(plan)) {
        const running = routing ? runningOn(routing, version) : 0
        detail(`${running} workflows run on ${inWords(version)}`)
        if (running === 0) continue
        const over = handover(plan, version, running, detail)
        if (await onlyNewCan(context, plan, over)) detail(`${inWords(version)} waits for the new release`)
        else released[version] = await release(context, over)
      }
      return { released }
    },
    // After the colour that failed is gone, so that nothing begins on its version any more.
    undo: () => settlePrevious(context, plan),
  }
}

/** What only the new release can go on with waits, without workers, until that is current. */
async function onlyNewCan(context: StackContext, plan: Plan, over: Handover): Promise<boolean> {
  if (over.lenient || !over.replayOn || !plan.workers.replays.includes(plan.image)) return false
  const { replayOn: colour } = over
  if ((await replayVersion(context, over, colour)).verdict !== 'cannot') return false
  return (await replayVersion(context, { ...over, image: plan.image }, colour)).verdict === 'can'
}

/** Hands over what had to wait for the new release. */
export const handOver = (context: StackContext, plan: Plan): Step => ({
  id: 'handover',
  title: 'hand over what had waited for it',
  async run(detail) {
    const { world } = context
    const routing = await askRouting(context, { wait: world.until })
    for (const version of routing ? leaving(plan) : []) {
      const running = runningOn(routing as Routing, version)
      if (running === 0) continue
      const over = handover(plan, version, running, detail, plan.image)
      await release(context, { ...over, lenient: true })
    }
  },
})

/**
 * Begun before users are moved to a version whose workers may have to follow: however that is cut off, what began there
 * meanwhile is not left alone when they go back.
 */
export const keepWorkers = (context: StackContext, plan: Plan): Step => ({
  id: 'keep',
  title: 'note what the workers run',
  run: async () => ({ worker: plan.workers.worker, previous: plan.workers.previous }),
  undo: () => settlePrevious(context, plan),
})

/** A rollback and a switch are emergencies: what cannot go on is told, and left where it is. */
export function handover(
  plan: Plan,
  version: string,
  running: number,
  detail: (text: string) => void,
  image = plan.warm ? plan.image : servedImage(plan),
): Handover {
  return {
    ...{ version, running, image, detail, lenient: plan.command !== 'deploy' },
    replayOn: plan.workers.replays.includes(image) ? plan.to : undefined,
    again: `./ecomweb deploy ${plan.reference}`,
  }
}

/**
 * Brings back what ecomweb_worker_previous ran; but the version that failed stays there while workflows run on it,
 * unless it is the place of the release that serves.
 */
export async function settlePrevious(context: StackContext, plan: Plan): Promise<void> {
  const { worker, from, to, replicas } = plan.workers
  const wait = steadfast(context.world)
  const before = previousBefore(plan)
  const routing = to === '' || to === from ? undefined : await askRouting(context, { wait })
  const stranded = routing && to !== worker ? runningOn(routing, to) : 0
  const waits = routing !== undefined && leaving(plan).some((version) => runningOn(routing, version) > 0)
  if (stranded > 0 && from === worker && !waits)
    return runPrevious(context, { image: plan.image, replicas }, wait)
  await runBefore(context, plan, before)
  if (stranded === 0 || (before.image === plan.image && before.replicas > 0)) return
  await release(context, { ...handover(plan, to, stranded, () => {}, servedImage(plan)), lenient: true })
}

/** Workers that nothing waits for, and that do not come up any more, are no reason to stay between two releases. */
async function runBefore(context: StackContext, { workers }: Plan, before: Previous): Promise<void> {
  const wait = steadfast(context.world)
  try {
    await runPrevious(context, before, wait)
  } catch (error) {
    const routing = await askRouting(context, { wait })
    if (!routing || runningOn(routing, workers.previous) > 0) throw error
    await runPrevious(context, { ...before, replicas: 0 }, wait)
    context.progress.note(`! ${PREVIOUS} stays down: ${(error as Error).message}; nothing ran on its version`)
  }
}

function unseen(error: unknown, { command, reference, restore }: Plan): KitError {
  const again = ['./ecomweb', command, command === 'deploy' ? reference : restore].filter(Boolean).join(' ')
  return new KitError('it could not be seen what runs on older versions of the workers', {
    why: error instanceof KitError && error.why ? error.why : (error as Error).message,
    next: `./ecomweb workers status; then ${again} again`,
    cause: error,
  })
}
