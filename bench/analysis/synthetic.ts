import type { Random } from './random.ts'
import { bucketOf, type Recording, type Second } from './recording.ts'

/** Requests of a shop: share of the traffic, median in ms, spread (sigma of the logarithm). */
const ROUTES = [
  { share: 0.7, median: 4, sigma: 0.5 },
  { share: 0.2, median: 9, sigma: 0.6 },
  { share: 0.1, median: 18, sigma: 0.6 },
]

/** How rough the weather is. All by second; `own` is a colour's alone, `shared` hits both at once. */
export type Noise = {
  /** Slow waves of the logarithm of latency: standard deviation, for an autocorrelation of 0.9 a second. */
  shared: number
  own: number
  /** Probability that a stall of 1 to 3 s begins, in which answers take 5 times as long. */
  sharedStall: number
  ownStall: number
  /** Share of answers that are errors, and probability of a second in which a third are, for both colours. */
  errors: number
  hiccup: number
}

export const QUIET: Noise = {
  shared: 0.1,
  own: 0.05,
  sharedStall: 0.002,
  ownStall: 0.002,
  errors: 0,
  hiccup: 0,
}
export const NOISY: Noise = {
  ...{ shared: 0.4, own: 0.08, sharedStall: 0.03, ownStall: 0.005 },
  ...{ errors: 0.001, hiccup: 0.002 },
}

const PERSISTENCE = 0.9
const STALL = Math.log(5)
/** One answer in a hundred has a tail of Pareto's kind (index 1.2). */
const TAIL = { share: 0.01, index: 1.2 }

/**
 * A synthetic recording, for as long as there is none of a real stack under the load in question: log-normal
 * latencies of several routes with a heavy tail, waves that are autocorrelated, stalls and bursts of errors.
 */
export function synthetic(
  name: string,
  noise: Noise,
  seconds: number,
  perSecond: number,
  random: Random,
): Recording {
  const waves = { shared: 0, blue: 0, green: 0 }
  const stalls = { shared: 0, blue: 0, green: 0 }
  const advance = (which: keyof typeof waves, deviation: number, stall: number): void => {
    const kick = deviation * Math.sqrt(1 - PERSISTENCE ** 2)
    waves[which] = PERSISTENCE * waves[which] + kick * random.normal()
    stalls[which] = stalls[which] > 0 ? stalls[which] - 1 : random.next() < stall ? 1 + random.below(3) : 0
  }
  const recording: Recording = { about: `synthetic model "${name}"`, seconds: [] }
  for (let at = 0; at < seconds; at += 1) {
    advance('shared', noise.shared, noise.sharedStall)
    advance('blue', noise.own, noise.ownStall)
    advance('green', noise.own, noise.ownStall)
    const errors = random.next() < noise.hiccup ? 0.33 : noise.errors
    const second = (colour: 'blue' | 'green'): Second => {
      const stalled = stalls.shared > 0 || stalls[colour] > 0
      const shift = waves.shared + waves[colour] + (stalled ? STALL : 0)
      return answerAll(perSecond / 2, shift, errors, random)
    }
    recording.seconds.push({ blue: second('blue'), green: second('green') })
  }
  return recording
}

function answerAll(perSecond: number, shift: number, errors: number, random: Random): Second {
  const latency = new Map<number, number>()
  const count = random.poisson(perSecond)
  for (let one = 0; one < count; one += 1) {
    let pick = random.next()
    const route = ROUTES.find(({ share }) => {
      pick -= share
      return pick < 0
    }) ?? { median: 4, sigma: 0.5 }
    const tail = random.next() < TAIL.share ? (1 - random.next()) ** (-1 / TAIL.index) : 1
    const ms = route.median * Math.exp(route.sigma * random.normal() + shift) * tail
    const bucket = bucketOf(ms)
    latency.set(bucket, (latency.get(bucket) ?? 0) + 1)
  }
  return { errors: random.binomial(count, errors), latency: [...latency] }
}
