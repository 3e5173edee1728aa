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
 * Makes a version current once it has pollers, and reads it back: a workflow that no version owns never waits for
 * workers that are not there. Nothing to do where the server does not know versions. Errors: not within the limit.
 */
export async function makeCurrent(
  { world, settings }: StackContext,
  buildId: string,
  { wait, timeoutMs = settings.background_timeout }: Patience,
): Promise<void> {
  let missing = 'Temporal was never asked'
  const look = async (): Promise<true | undefined> => {
    try {
      const routing = await world.versions.look()
      if (!routing || (routing.current === buildId && !routing.settling)) return true
      missing = `${inWords(routing.current)} is current still`
      if (routing.current === buildId) return undefined
      if (isLive(routing, buildId)) await world.versions.makeCurrent(buildId, routing.token)
      else missing = `${inWords(buildId)} has no workers that poll`
    } catch (error) {
      missing = (error as Error).message
    }
    return undefined
  }
  const limit = { timeoutMs, intervalMs: 300, assume: true as const, missing: () => missing }
  await wait(`${inWords(buildId)} is current`, look, limit)
}

/** Waits until a version has pollers: a container that is healthy may still be about to register. */
export async function waitForPollers(
  { world, settings }: StackContext,
  buildId: string,
  { wait, timeoutMs = settings.background_timeout }: Patience,
): Promise<void> {
  let missing = 'Temporal was never asked'
  const look = async (): Promise<true | undefined> => {
    try {
      const routing = await world.versions.look()
      if (!routing || isLive(routing, buildId)) return true
      missing = `no worker of ${inWords(buildId)} polls the task queue`
    } catch (error) {
      missing = (error as Error).message
    }
    return undefined
  }
  const limit = { timeoutMs, intervalMs: 300, assume: true as const, missing: () => missing }
  await wait(`${inWords(buildId)} has registered`, look, limit)
}
