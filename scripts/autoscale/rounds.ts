import { type Context, openStack, type StackContext } from '../context.ts'
import { type Container, containersOf } from '../docker/containers.ts'
import { KitError } from '../errors.ts'
import { temporalAddress } from '../status/temporal.ts'
import { type Backlog, readBacklog } from './backlog.ts'
import { type Counts, type HandMemory, judgeHand } from './by-hand.ts'
import { type Decision, decide, type Limits, type Memory } from './decide.ts'
import type { Lock } from './lock.ts'
import { type Outcome, scale, waitForWorkers, workersIn } from './scale.ts'

/** What a round needs besides the world. */
export type Parts = {
  lock: Lock
  backlog(stack: StackContext, containers: Container[]): Promise<Backlog>
  /** Looks in a row after which two numbers that differ were set by hand; the default is that of by-hand.ts. */
  settled?: number
}

/** What rounds remember of each other, and when the next one is. */
export type Rounds = { queue?: Memory; hand?: HandMemory; intervalMs: number }

/** What a round saw and did: the line of `--json`. */
export type Round = {
  at: string
  workers?: number
  backlog?: number
  age_ms?: number
  added?: number
  dispatched?: number
  action: Decision['action'] | 'adopt' | 'held' | 'unsettled' | 'problem' | 'locked'
  to?: number
  reason: string
  /** `to` is as many as may be, and not enough. */
  short?: true
  /** Why what was decided is not done yet. */
  waits?: Exclude<Outcome, 'done'>
  /** What went wrong with workers that were started. */
  ill?: string
}

/** Asks the Temporal of the stack. Errors: it does not answer; its address is named. */
export const askBacklog: Parts['backlog'] = async ({ app, settings }, containers) => {
  const address = temporalAddress(app, containers)
  try {
    return await readBacklog(address, app.TEMPORAL_NAMESPACE || 'default', settings.autoscale.queue)
  } catch (error) {
    throw new Error(`Temporal at ${address}: ${(error as Error).message}`, { cause: error })
  }
}

/**
 * Looks, decides, acts. Settings are read anew, so that an edit counts from the next round on. Whatever cannot be seen
 * or done is a round of its own kind, and leaves the workers as they are.
 */
export async function round(context: Context, rounds: Rounds, parts: Parts): Promise<Round> {
  const at = context.world.clock.date().toISOString()
  try {
    if (await parts.lock.held()) {
      delete rounds.hand
      return { at, action: 'locked', reason: 'a command is changing the stack' }
    }
    return { at, ...(await look(await openStack(context), rounds, parts)) }
  } catch (error) {
    return { at, action: 'problem', reason: told(error) }
  }
}

async function look(stack: StackContext, rounds: Rounds, parts: Parts): Promise<Omit<Round, 'at'>> {
  const { world, env } = stack
  const limits = limitsOf(stack)
  rounds.intervalMs = stack.settings.autoscale.interval
  const containers = await containersOf(world.read, env.ECOMWEB_NAME)
  const counts: Counts = { said: env.WORKER_REPLICAS, running: workersIn(containers) }
  const { hand, memory } = judgeHand(counts, rounds.hand, limits, parts.settled)
  rounds.hand = memory
  const queue = await parts.backlog(stack, containers)
  const seen = {
    workers: counts.running,
    backlog: queue.backlog,
    age_ms: queue.ageMs,
    added: tenth(queue.added),
    dispatched: tenth(queue.dispatched),
  }
  if (hand.state === 'held' || hand.state === 'unsettled') {
    return { ...seen, action: hand.state, reason: hand.reason }
  }
  if (hand.state === 'adopt') {
    const { to, reason } = hand
    return { ...seen, action: 'adopt', to, reason, ...(await act(stack, parts.lock, counts, to)) }
  }
  const { decision, memory: after } = decide(
    { at: world.clock.now(), workers: counts.running, ...queue },
    rounds.queue,
    limits,
  )
  if (decision.action === 'stay') {
    rounds.queue = after
    return { ...seen, ...decision }
  }
  const done = await act(stack, parts.lock, counts, decision.to)
  // A decision that was not carried out is to be made again, as if for the first time.
  if (!done.waits) rounds.queue = after
  return { ...seen, ...decision, ...done }
}

async function act(
  stack: StackContext,
  lock: Lock,
  from: Counts,
  to: number,
): Promise<Pick<Round, 'waits' | 'ill'>> {
  const outcome = await scale(stack, lock, from, to)
  if (outcome !== 'done') return { waits: outcome }
  if (stack.interrupted.aborted) return {}
  try {
    await waitForWorkers(stack, to)
    return {}
  } catch (error) {
    return stack.interrupted.aborted ? {} : { ill: told(error) }
  }
}

export const limitsOf = ({ settings: { autoscale } }: Pick<StackContext, 'settings'>): Limits => ({
  min: autoscale.min,
  max: autoscale.max,
  backlogPerWorker: autoscale.backlog_per_worker,
  targetWaitMs: autoscale.target_wait,
  idleMs: autoscale.idle,
})

const tenth = (rate: number): number => Math.round(rate * 10) / 10

const told = (error: unknown): string => {
  const { message } = error as Error
  return error instanceof KitError && error.why ? `${message}: ${error.why.split('\n')[0]}` : message
}
