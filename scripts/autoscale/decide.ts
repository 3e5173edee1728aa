/** What one look at the task queue and its workers shows. */
export type Look = {
  /** Milliseconds of a clock that never goes back. */
  at: number
  /** Tasks that wait, and for how long the oldest has: ms. */
  backlog: number
  ageMs: number
  /** Tasks a second, averaged over the last half minute. */
  added: number
  dispatched: number
  workers: number
}

export type Limits = {
  min: number
  max: number
  backlogPerWorker: number
  targetWaitMs: number
  /** So long nothing must wait before workers are stopped. */
  idleMs: number
}

/** What earlier looks showed. */
export type Memory = {
  workers: number
  /** When the number of workers changed, or the first look. */
  changedAt: number
  /** Since when nothing waits. */
  calmSince?: number
  /** The last time that workers were stopped, and the load then, in tasks a second. */
  lowered?: { at: number; workers: number; load: number }
  /** How often in a row workers that were stopped were missed soon after. */
  regrets: number
  /** So many workers did not do for this load. */
  tooFew?: { workers: number; load: number }
}

export type Decision = { action: 'up' | 'down' | 'stay'; to: number; reason: string; short?: true }

/** Temporal's rates are averages over this time: before it is over they tell of the workers of before. */
const RATES_SETTLE_MS = 30_000

/** Of `backlogPerWorker`: Temporal's count is approximate, and a task on its way to a worker is no backlog. */
const CALM_SHARE = 0.1

/** A load that has fallen to this share of one that needed more workers may do with fewer. */
const SMALLER_LOAD = 0.8

/** Regrets double the wait before workers are stopped, up to 32 times. */
const MOST_REGRETS = 5

/**
 * How many workers there should be. More at once, by the backlog or by the time that its tasks wait; half as many
 * after nothing has waited for a while, which grows with every time that it was a mistake.
 */
export function decide(
  look: Look,
  before: Memory | undefined,
  limits: Limits,
): { decision: Decision; memory: Memory } {
  const memory = remember(look, before, limits)
  const { need, reason } = needed(look, memory, limits)
  if (need > look.workers) {
    const to = Math.max(look.workers, Math.min(need, limits.max))
    if (to === look.workers) return { decision: { action: 'stay', to, reason, short: true }, memory }
    return { decision: { action: 'up', to, reason }, memory: regret(look, memory, limits) }
  }
  const { to, reason: why } = dispensable(look, memory, limits)
  if (to === look.workers) return { decision: { action: 'stay', to, reason: why }, memory }
  const lowered = { at: look.at, workers: to, load: look.added }
  return { decision: { action: 'down', to, reason: why }, memory: { ...memory, lowered } }
}

function remember(look: Look, before: Memory | undefined, limits: Limits): Memory {
  const { at, workers } = look
  const calm = look.backlog <= limits.backlogPerWorker * CALM_SHARE
  const { tooFew, calmSince = at, ...kept } = before ?? { workers, changedAt: at, regrets: 0 }
  return {
    ...kept,
    workers,
    changedAt: kept.workers === workers ? kept.changedAt : at,
    ...(calm ? { calmSince } : {}),
    ...(tooFew && look.added >= tooFew.load * SMALLER_LOAD ? { tooFew } : {}),
  }
}

/** How many workers the backlog wants, limits aside. */
function needed(look: Look, { changedAt }: Memory, limits: Limits): { need: number; reason: string } {
  const { backlog, ageMs, added, dispatched, workers } = look
  const { backlogPerWorker, targetWaitMs } = limits
  const byCount = Math.ceil(backlog / backlogPerWorker)
  const count = { need: byCount, reason: `${tasks(backlog)} wait, ${backlogPerWorker} are for one worker` }
  if (backlog === 0 || look.at - changedAt < RATES_SETTLE_MS) return count
  const drainMs = dispatched > 0 ? (backlog / dispatched) * 1000 : 0
  // The oldest task of a queue that shrinks is a thing of the past.
  const lateMs = dispatched <= added ? ageMs : 0
  const waitMs = Math.max(drainMs, lateMs)
  if (waitMs <= targetWaitMs) return count
  const byWait = Math.min(Math.ceil((Math.max(workers, 1) * waitMs) / targetWaitMs), Math.max(workers, 1) * 2)
  if (byWait <= byCount) return count
  return { need: byWait, reason: `tasks wait ${seconds(waitMs)}, longer than ${seconds(targetWaitMs)}` }
}

/** Workers that were stopped a moment ago are wanted again: the next time after a longer wait. */
function regret(look: Look, memory: Memory, limits: Limits): Memory {
  const { lowered, ...kept } = memory
  if (!lowered || look.at - lowered.at > 2 * patience(memory, limits)) return { ...kept, regrets: 0 }
  const sameLoad = lowered.load > 0 && look.added <= lowered.load * 1.5
  return {
    ...kept,
    regrets: Math.min(memory.regrets + 1, MOST_REGRETS),
    ...(sameLoad ? { tooFew: { workers: lowered.workers, load: lowered.load } } : {}),
  }
}

const patience = ({ regrets }: Memory, { idleMs }: Limits): number => idleMs * 2 ** regrets

/** As many as are left when those are stopped that nothing needs. */
function dispensable(look: Look, memory: Memory, limits: Limits): { to: number; reason: string } {
  const { at, workers, backlog, added } = look
  const { calmSince, changedAt, tooFew } = memory
  const stay = (reason: string) => ({ to: workers, reason })
  if (calmSince === undefined) return stay(`${tasks(backlog)} wait`)
  if (workers <= limits.min) return stay('nothing waits')
  const wait = patience(memory, limits)
  const calmMs = at - Math.max(calmSince, changedAt)
  if (calmMs < wait) return stay(`nothing waits for ${seconds(calmMs)}, fewer workers after ${seconds(wait)}`)
  const to = Math.max(limits.min, Math.ceil(workers / 2), (tooFew?.workers ?? 0) + 1)
  if (to >= workers) return stay(`${rate(tooFew?.load ?? added)} were too much for ${tooFew?.workers}`)
  return { to, reason: `nothing waits for ${seconds(calmMs)}` }
}

const tasks = (count: number): string => `${count} ${count === 1 ? 'task' : 'tasks'}`
const rate = (load: number): string => `${load.toFixed(1)} tasks a second`
const seconds = (ms: number): string => `${Math.round(ms / 1000)} s`
