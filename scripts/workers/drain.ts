import type { StackContext } from '../context.ts'
import { KitError } from '../errors.ts'
import type { Routing } from '../ports.ts'
import { imageVariable, other } from '../stack/colours.ts'
import { activeColour } from '../stack/switch.ts'
import { inWords } from './build-id.ts'
import { release } from './release.ts'
import { askingTemporal, versionOfImage } from './report.ts'
import { runningOn } from './routing.ts'
import { runPrevious } from './services.ts'

/** Without a time-out it waits for as long as a workflow of the shop may run. */
const FOR_EVER_MS = 400 * 24 * 3_600_000

/**
 * Waits until no workflow runs on the version before, or after the time-out hands the rest to the release that serves;
 * then ends its workers. Errors: it is the current version, or some of what runs cannot go on elsewhere.
 */
export async function drain(
  context: StackContext,
  { timeoutMs, skipReplay }: { timeoutMs?: number; skipReplay: boolean },
): Promise<{ changed: boolean; version: string; released: number }> {
  const { env, app, world, progress } = context
  const image = env.WORKER_PREVIOUS_IMAGE
  if (env.WORKER_PREVIOUS_REPLICAS === 0) return { changed: false, version: '', released: 0 }
  const version = await versionOfImage(context, image)
  // While the other service runs it too, nothing is left alone.
  const elsewhere =
    env.WORKER_REPLICAS > 0 && (await versionOfImage(context, env.BACKGROUND_IMAGE)) === version
  const routing = await askingTemporal(app, () => world.versions.look())
  if (routing?.current === version && !elsewhere) {
    throw new KitError(`${inWords(version)} is the current version: what is begun now begins there`, {
      why: 'without its workers nothing would go on',
      next: './ecomweb workers promote   (makes that of the release that serves current)',
    })
  }
  let left = routing && version !== '' && !elsewhere ? runningOn(routing, version) : 0
  if (left > 0) {
    left = await progress.step(`wait for what runs on ${inWords(version)}`, (detail) =>
      watch(context, version, timeoutMs ?? FOR_EVER_MS, detail),
    )
  }
  let released = 0
  if (left > 0) {
    const serving = await activeColour(world)
    const going = env[imageVariable(serving)]
    const detail = () => {}
    released = await release(context, {
      ...{ version, running: left, lenient: false, image: going, detail },
      replayOn: skipReplay || (await versionOfImage(context, going)) === '' ? undefined : other(serving),
      again: './ecomweb workers drain',
    })
  }
  await progress.step('end the workers of the version before', (detail) =>
    runPrevious(context, { image, replicas: 0 }, world.until, detail),
  )
  return { changed: true, version, released }
}

/** Resolves with what still runs when time is over, or 0. */
async function watch(
  { world }: StackContext,
  version: string,
  timeoutMs: number,
  detail: (text: string) => void,
): Promise<number> {
  let left = 1
  const look = async (): Promise<true | undefined> => {
    const routing: Routing | undefined = await world.versions.look().catch(() => undefined)
    if (!routing) return undefined
    left = runningOn(routing, version)
    detail(`${left} workflows run`)
    return left === 0 ? true : undefined
  }
  const limit = { timeoutMs, intervalMs: 1000, assume: true as const }
  const none = await world.until(`nothing runs on ${inWords(version)}`, look, limit).catch((error) => {
    if (error instanceof KitError) return undefined
    throw error
  })
  return none ? 0 : left
}
