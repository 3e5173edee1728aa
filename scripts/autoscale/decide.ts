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

/** What earlier looks showed; a load is in tasks a second. */
export type Memory = {
  workers: number
  /** When the number of workers changed, or the first look. */
  changedAt: number
  /** Since when nothing waits, and the highest load since. */
  calm?: { since: number; load: number }
  /** The last time that workers were stopped, how many were left, and the load then. */
  lowered?: { at: number; workers: number; load: number }
  /** How often in a row it was a mistake to stop workers. */
  mistakes: number
  /** So many workers did not do for this load, which was there at this time last. */
  tooFew?: { workers: number; load: number; at: number }
}

export type Decision = { action: 'up' | 'down' | 'stay'; to: number; reason: string; short?: true }

/** Temporal's rates are averages over this time: before it is over they tell of what was before. */
const RATES_SETTLE_MS = 30_000

/** Of `backlogPerWorker`: Temporal's count is approximate, and a task on its way to a worker is no backlog. */
const CALM_SHARE = 0.1

/** Loads that differ by less than these factors are the same. */
const SMALLER = 0.8
const LARGER = 1.5

/** Workers that are wanted again before they were gone for so many times the wait were stopped by mistake. */
const WORTHWHILE = 4

/** Each mistake doubles the wait before workers are stopped, up to 32 times. */
const MOST_MISTAKES = 5

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
    return { decision: { action: 'up', to, reason }, memory: learn(look, memory, limits) }
  }
  const { to, reason: why } = dispensable(look, memory, limits)
  if (to === look.workers) return { decision: { action: 'stay', to, reason: why }, memory }
  const lowered = { at: look.at, workers: to, load: memory.calm?.load ?? look.added }
  return { decision: { action: 'down', to, reason: why }, memory: { ...memory, lowered } }
}

function remember(look: Look, before: Memory | undefined, limits: Limits): Memory {
  const { at, workers, added } = look
  const { calm, tooFew, ...kept } = before ?? { workers, changedAt: at, mistakes: 0 }
  const isCalm = look.backlog <= limits.backlogPerWorker * CALM_SHARE
  const since = calm?.since ?? at
  const load = at - since < RATES_SETTLE_MS ? added : Math.max(added, calm?.load ?? 0)
  const memory = { ...kept, workers, changedAt: kept.workers === workers ? kept.changedAt : at }
  const still = tooFew && stillThere(look, tooFew, patience(memory, limits))
  return { ...memory, ...(isCalm ? { calm: { since, load } } : {}), ...(still ? { tooFew: still } : {}) }
}

/** The load that was too much for so few workers, unless it has been smaller for a while. */
function stillThere(
  { at, added }: Look,
  tooFew: NonNullable<Memory['tooFew']>,
  wait: number,
): Memory['tooFew'] {
  if (added >= tooFew.load * SMALLER) return { ...tooFew, at }
  return at - tooFew.at < wait ? tooFew : undefined
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

/** Workers that were stopped are wanted again: by mistake, if it is soon or for no more load than there was. */
function learn({ at, added }: Look, memory: Memory, limits: Limits): Memory {
  const { lowered, ...kept } = memory
  if (!lowered) return memory
  const { workers, load } = lowered
  const soon = at - lowered.at <= WORTHWHILE * patience(memory, limits)
  const same = load > 0 && added <= load * LARGER
  if (!soon && !same) return { ...kept, mistakes: 0 }
  const mistakes = Math.min(memory.mistakes + 1, MOST_MISTAKES)
  return { ...kept, mistakes, ...(same ? { tooFew: { workers, load, at } } : {}) }
}

const patience = ({ mistakes }: Pick<Memory, 'mistakes'>, { idleMs }: Limits): number =>
  idleMs * 2 ** mistakes

/** As many as are left when those are stopped that nothing needs. */
function dispensable(look: Look, memory: Memory, limits: Limits): { to: number; reason: string } {
  const { at, workers, backlog } = look
  const { calm, changedAt, tooFew } = memory
  const stay = (reason: string) => ({ to: workers, reason })
  if (!calm) return stay(`${tasks(backlog)} wait`)
  if (workers <= limits.min) return stay('nothing waits')
  const wait = patience(memory, limits)
  const calmMs = at - Math.max(calm.since, changedAt)
  if (calmMs < wait) return stay(`nothing waits for ${seconds(calmMs)}, fewer workers after ${seconds(wait)}`)
  const half = Math.max(limits.min, Math.ceil(workers / 2))
  if (tooFew && tooFew.workers + 1 >= workers) {
    return stay(`${tooFew.load.toFixed(1)} tasks a second were too much for ${tooFew.workers}`)
  }
  const to = Math.max(half, (tooFew?.workers ?? 0) + 1)
  return { to, reason: `nothing waits for ${seconds(calmMs)}` }
}

const tasks = (count: number): string => `${count} ${count === 1 ? 'task' : 'tasks'}`
const seconds = (ms: number): string => `${Math.round(ms / 1000)} s`
