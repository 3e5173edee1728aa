import { type Decision, decide, type Limits, type Memory } from '../../../../scripts/autoscale/decide.ts'
import { type Random, seeded } from '../../../simulation/random.ts'

export type Scenario = {
  /** Tasks that arrive in the second that begins at `second`. */
  arrivals(second: number): number
  /** Tasks a second that one worker does. */
  rate: number
  /** From the start of a worker until it takes its first task: seconds. */
  startup: number
  seconds: number
  workers?: number
  /** Arrivals vary as those of people do, who know nothing of each other. */
  noise?: number
}

export type Moment = { second: number; workers: number; backlog: number; decision: Decision }

const LOOK_EVERY = 5
const RATES_OVER = 30

/** A task queue served first come, first served, by as many workers as the autoscaler wants: what each look led to. */
export function simulate(limits: Limits, scenario: Scenario): Moment[] {
  const { arrivals, rate, startup, seconds, workers: initial = limits.min, noise } = scenario
  const random = noise === undefined ? undefined : seeded(noise)
  const moments: Moment[] = []
  const [added, done]: [number[], number[]] = [[], []]
  const waiting: { since: number; count: number }[] = []
  let memory: Memory | undefined
  let [workers, ready, readyAt, nextLook] = [initial, initial, 0, 0]
  for (let second = 0; second < seconds; second += 1) {
    const expected = arrivals(second)
    const count = random
      ? varied(expected, random)
      : Math.floor(expected * (second + 1)) - Math.floor(expected * second)
    if (count > 0) waiting.push({ since: second, count })
    if (second >= readyAt) ready = workers
    let able = ready * rate
    let dispatched = 0
    for (let first = waiting[0]; first && able >= 1; first = waiting[0]) {
      const taken = Math.min(first.count, Math.floor(able))
      first.count -= taken
      able -= taken
      dispatched += taken
      if (first.count === 0) waiting.shift()
    }
    added.push(count)
    done.push(dispatched)
    if (second < nextLook) continue
    const backlog = waiting.reduce((all, one) => all + one.count, 0)
    const at = second * 1000
    const ageMs = waiting[0] ? at - waiting[0].since * 1000 : 0
    const rates = { added: average(added), dispatched: average(done) }
    const decided = decide({ at, backlog, ageMs, ...rates, workers }, memory, limits)
    memory = decided.memory
    moments.push({ second, workers, backlog, decision: decided.decision })
    nextLook = second + LOOK_EVERY
    const { to } = decided.decision
    if (to > workers) {
      // It waits until they are healthy before it looks again.
      readyAt = second + startup
      nextLook = Math.max(nextLook, readyAt)
    } else ready = Math.min(ready, to)
    workers = to
  }
  return moments
}

const average = (seconds: number[]): number =>
  seconds.slice(-RATES_OVER).reduce((all, one) => all + one, 0) / RATES_OVER

/** A Poisson variate, by the normal approximation where it is as good. */
function varied(mean: number, random: Random): number {
  if (mean <= 0) return 0
  if (mean > 30) {
    const uniform = () => Math.max(random.next(), 1e-12)
    const normal = Math.sqrt(-2 * Math.log(uniform())) * Math.cos(2 * Math.PI * uniform())
    return Math.max(0, Math.round(mean + Math.sqrt(mean) * normal))
  }
  let [count, product] = [0, random.next()]
  for (const limit = Math.exp(-mean); product > limit; product *= random.next()) count += 1
  return count
}

/** The numbers of workers in the order in which they were wanted. */
export const path = (moments: Moment[]): number[] => {
  const wanted = moments.map(({ decision }) => decision.to)
  return wanted.filter((to, index) => to !== wanted[index - 1])
}

/** How often it went down and up again. */
export function turns(moments: Moment[]): number {
  const acted = moments.map(({ decision }) => decision.action).filter((action) => action !== 'stay')
  return acted.filter((action, index) => action === 'up' && acted[index - 1] === 'down').length
}
