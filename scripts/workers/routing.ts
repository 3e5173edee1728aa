import type { StackContext } from '../context.ts'
import { EXIT, KitError } from '../errors.ts'
import type { Routing, WorkerVersion } from '../ports.ts'
import { inWords } from './build-id.ts'
import type { Wait } from './patience.ts'

/** Temporal did not answer until time was over: nothing is known of its versions, and nothing wrong with any. */
export class TemporalSilent extends KitError {
  override name = 'TemporalSilent'
}

/** Whether that is what an error comes from. */
export const isSilence = (error: unknown): boolean =>
  error instanceof TemporalSilent || (error instanceof Error && error.cause instanceof TemporalSilent)

export const findVersion = ({ versions }: Routing, buildId: string): WorkerVersion | undefined =>
  versions.find((version) => version.buildId === buildId)

export const isLive = (routing: Routing, buildId: string): boolean =>
  (findVersion(routing, buildId)?.pollers.length ?? 0) > 0

/** Running workflows that only this version goes on with. */
export const runningOn = (routing: Routing, buildId: string): number =>
  findVersion(routing, buildId)?.running ?? 0

type Patience = { wait: Wait; timeoutMs?: number }

/**
 * Asks until nothing is missing; where the server does not know versions, nothing is. `missing` says in words what is, or
 * nothing. What is known already is not asked for once more: an answer takes up to seconds. Resolves with the answer in
 * which nothing was missing. Errors: not within the limit; TemporalSilent, where no answer came at the end of it.
 */
async function untilRouting(
  { world, settings }: StackContext,
  what: string,
  { wait, timeoutMs = settings.background_timeout }: Patience,
  missing: (routing: Routing) => Promise<string | undefined> | string | undefined,
  known?: Routing,
): Promise<Routing | undefined> {
  let last: string | undefined = 'Temporal was never asked'
  let silent = false
  let ready = known
  const look = async (): Promise<{ routing: Routing | undefined } | undefined> => {
    try {
      silent = true
      const routing = ready ?? (await world.versions.look())
      silent = false
      ready = undefined
      last = routing && (await missing(routing))
      return last === undefined ? { routing } : undefined
    } catch (error) {
      last = (error as Error).message
      return undefined
    }
  }
  const limit = { timeoutMs, intervalMs: 300, assume: { routing: undefined }, missing: () => last ?? '' }
  const answer = await wait(what, look, limit).catch((error) => {
    if (!silent || !(error instanceof KitError) || error.code === EXIT.interrupted) throw error
    const { message, next = './ecomweb status' } = error
    throw new TemporalSilent('Temporal does not answer', { why: `${message}\n${last}`, next, cause: error })
  })
  return answer.routing
}

/**
 * What Temporal tells, asked again while it does not answer; undefined where it does not know versions, and in a dry
 * run. Errors: no answer within the limit.
 */
export const askRouting = (context: StackContext, patience: Patience): Promise<Routing | undefined> =>
  untilRouting(context, 'Temporal tells of its worker versions', patience, () => undefined)

/**
 * Makes a version current once it has pollers, and reads it back: a workflow that no version owns never waits for
 * workers that are not there. Nothing to do where the server does not know versions. Resolves with the routing as it is
 * then. Errors: not within the limit.
 */
export const makeCurrent = (
  context: StackContext,
  buildId: string,
  patience: Patience,
  known?: Routing,
): Promise<Routing | undefined> => {
  const missing = async (routing: Routing) => {
    const { current, settling, token } = routing
    if (current === buildId) return settling ? 'the task queue has not been told yet' : undefined
    if (!isLive(routing, buildId)) return `${inWords(buildId)} has no workers that poll`
    await context.world.versions.makeCurrent(buildId, token)
    return `${inWords(current)} is current still`
  }
  return untilRouting(context, `${inWords(buildId)} is current`, patience, missing, known)
}

/** Waits until a version has pollers: a container that is healthy may still be about to register. */
export const waitForPollers = (
  context: StackContext,
  buildId: string,
  patience: Patience,
): Promise<Routing | undefined> =>
  untilRouting(context, `${inWords(buildId)} has registered`, patience, (routing) =>
    isLive(routing, buildId) ? undefined : `no worker of ${inWords(buildId)} polls the task queue`,
  )
