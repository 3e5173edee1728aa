import type { StackContext } from '../context.ts'
import { KitError } from '../errors.ts'
import { inWords } from '../workers/build-id.ts'
import { steadfast } from '../workers/patience.ts'
import { type Handover, release } from '../workers/release.ts'
import { askRouting, isLive, makeCurrent, runningOn } from '../workers/routing.ts'
import { runPrevious } from '../workers/services.ts'
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
        if (running > 0) released[version] = await release(context, handover(plan, version, running, detail))
      }
      return { released }
    },
    // After the colour that failed is gone, so that nothing begins on its version any more.
    undo: () => settlePrevious(context, plan),
  }
}

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
  if (stranded > 0 && from === worker) return runPrevious(context, { image: plan.image, replicas }, wait)
  await runPrevious(context, before, wait)
  if (stranded === 0 || (before.image === plan.image && before.replicas > 0)) return
  await release(context, { ...handover(plan, to, stranded, () => {}, servedImage(plan)), lenient: true })
}

const unseen = (error: unknown, { reference }: Plan): KitError =>
  new KitError('it could not be seen what runs on older versions of the workers', {
    why: error instanceof KitError && error.why ? error.why : (error as Error).message,
    next: `./ecomweb workers status; then ./ecomweb deploy ${reference} again`,
    cause: error,
  })
