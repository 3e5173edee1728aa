import type { StackContext } from '../context.ts'
import type { Routing, WorkerVersion } from '../ports.ts'
import { inWords } from './build-id.ts'
import type { Wait } from './patience.ts'

export const findVersion = ({ versions }: Routing, buildId: string): WorkerVersion | undefined =>
  versions.find((version) => version.buildId === buildId)

export const isLive = (routing: Routing, buildId: string): boolean =>
  (findVersion(routing, buildId)?.pollers.length ?? 0) > 0

/** Running workflows that only this version goes on with. */
export const runningOn = (routing: Routing, buildId: string): number =>
  findVersion(routing, buildId)?.running ?? 0

type Patience = { wait: Wait; timeoutMs?: number }

/**
 * What Temporal tells, asked again while it does not answer; undefined where it does not know versions, and in a dry
 * run. Errors: no answer within the limit.
 */
export async function askRouting(
  { world, settings }: StackContext,
  { wait, timeoutMs = settings.background_timeout }: Patience,
): Promise<Routing | undefined> {
  let missing = 'it was never asked'
  const look = async (): Promise<{ routing: Routing | undefined } | undefined> => {
    try {
      return { routing: await world.versions.look() }
    } catch (error) {
      missing = (error as Error).message
      return undefined
    }
  }
  const limit = { timeoutMs, intervalMs: 500, assume: { routing: undefined }, missing: () => missing }
  return (await wait('Temporal tells of its worker versions', look, limit)).routing
}

/**
 * Asks until nothing is missing; where the server does not know versions, nothing is. `missing` says in words what is, or
 * nothing. Errors: not within the limit.
 */
async function untilRouting(
  { world, settings }: StackContext,
  what: string,
  { wait, timeoutMs = settings.background_timeout }: Patience,
  missing: (routing: Routing) => Promise<string | undefined> | string | undefined,
): Promise<void> {
  let last: string | undefined = 'Temporal was never asked'
  const look = async (): Promise<true | undefined> => {
    try {
      const routing = await world.versions.look()
      last = routing && (await missing(routing))
      return last === undefined ? true : undefined
    } catch (error) {
      last = (error as Error).message
      return undefined
    }
  }
  await wait(what, look, { timeoutMs, intervalMs: 300, assume: true as const, missing: () => last ?? '' })
}

/**
 * Makes a version current once it has pollers, and reads it back: a workflow that no version owns never waits for
 * workers that are not there. Nothing to do where the server does not know versions. Errors: not within the limit.
 */
export const makeCurrent = (context: StackContext, buildId: string, patience: Patience): Promise<void> =>
  untilRouting(context, `${inWords(buildId)} is current`, patience, async (routing) => {
    const { current, settling, token } = routing
    if (current === buildId) return settling ? `${inWords(current)} is current still` : undefined
    if (!isLive(routing, buildId)) return `${inWords(buildId)} has no workers that poll`
    await context.world.versions.makeCurrent(buildId, token)
    return `${inWords(current)} is current still`
  })

/** Waits until a version has pollers: a container that is healthy may still be about to register. */
export const waitForPollers = (context: StackContext, buildId: string, patience: Patience): Promise<void> =>
  untilRouting(context, `${inWords(buildId)} has registered`, patience, (routing) =>
    isLive(routing, buildId) ? undefined : `no worker of ${inWords(buildId)} polls the task queue`,
  )
