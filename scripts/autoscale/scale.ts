import { openStack, type StackContext } from '../context.ts'
import { readJournal } from '../deploy/journal.ts'
import { unfinished } from '../deploy/unfinished.ts'
import { composeUp } from '../docker/compose.ts'
import { type Container, containersOf } from '../docker/containers.ts'
import type { Command } from '../run.ts'
import type { Counts } from './by-hand.ts'
import type { Lock } from './lock.ts'

export const WORKER = 'ecomweb_worker'

/** How many workers run; one that Compose is about to put in the place of another does not yet. */
export const workersIn = (containers: Container[]): number =>
  containers.filter(({ service, running }) => service === WORKER && running).length

/**
 * Starts what is missing and stops what is too much, and touches no other container. A worker that is stopped gets its
 * SIGTERM and stop_grace_period, so this takes until its activities have ended.
 */
export const scaleCommand = (to: number): Command => ({
  ...composeUp([WORKER], { dependencies: false, recreate: 'never' }),
  // An exported variable of that name would win over .env.
  env: { WORKER_REPLICAS: String(to) },
})

/** `done`, or why nothing was done this time. */
export type Outcome = 'done' | 'a command is changing the stack' | 'a deploy was cut off' | 'numbers changed'

/**
 * Makes it so many workers, in `.env` and in fact, under the kit's lock. Errors: Compose could not; then `.env` says
 * how many run.
 */
export async function scale(stack: StackContext, lock: Lock, from: Counts, to: number): Promise<Outcome> {
  const { world, env } = stack
  const count = async () => workersIn(await containersOf(world.read, env.ECOMWEB_NAME))
  const done = await lock.during<Outcome>(async () => {
    if (unfinished(await readJournal(world.disk))) return 'a deploy was cut off'
    // What was decided on may be a deploy ago.
    const said = (await openStack(stack)).env.WORKER_REPLICAS
    if (said !== from.said || (await count()) !== from.running) return 'numbers changed'
    await world.editEnv({ WORKER_REPLICAS: String(to) })
    try {
      await world.runner.run(scaleCommand(to))
    } catch (error) {
      await world.editEnv({ WORKER_REPLICAS: String(await count()) })
      throw error
    }
    return 'done'
  })
  return done === 'held' ? 'a command is changing the stack' : done
}

/** Waits until all of them are healthy, or somebody changes their number. Errors: not in time, or interrupted. */
export async function waitForWorkers({ world, env, settings }: StackContext, to: number): Promise<void> {
  let missing = 'none of them runs'
  const look = async (): Promise<true | undefined> => {
    const all = await containersOf(world.read, env.ECOMWEB_NAME)
    const late = all.find(({ service, health }) => service === WORKER && health !== 'healthy')
    if (late) missing = `${late.name} is ${late.health}`
    return !late && workersIn(all) > 0 ? true : undefined
  }
  await world.until(`${to} workers are healthy`, look, {
    timeoutMs: settings.background_timeout,
    intervalMs: 500,
    assume: true,
    missing: () => missing,
  })
}
