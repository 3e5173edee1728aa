import type { Rules } from './rules.ts'
import {
  fisherExact,
  heterogeneity,
  mannWhitney,
  overdispersed,
  quantile,
  type Share,
  total,
} from './statistics.ts'
import type { Histogram } from './types.ts'

export type Pair<T> = { new: T; old: T }

/**
 * One comparison: how probable by chance, and how large whatever its probability: enough to matter, or enough to
 * look at it for longer, or neither.
 */
export type Finding = { p: number; size: 'matters' | 'suspicious' | 'small' }

export const ratioOf = ({ errors, of }: Share): number => (of > 0 ? errors / of : 0)

/**
 * Fails the new colour more often than the old? Where the old one fails as well, something hits both (a database that
 * stalls, a host that has no time), and such errors come in bursts, now in one colour and now in the other: then the
 * difference must stand out from its own changes over the `parts` of the rollout. And one burst is one event, however
 * many requests end in it: the difference must stand out as well without the worst among the `steps` (from each look
 * to the next).
 */
export function compareErrors(
  shares: Pair<Share>,
  { errors }: Pick<Rules, 'errors'>,
  parts: Pair<Share>[] = [],
  steps: Share[] = [],
): Finding {
  const matters =
    shares.new.errors >= errors.count && ratioOf(shares.new) - ratioOf(shares.old) >= errors.excess
  const hitsBoth = parts.reduce((sum, { old }) => sum + old.errors, 0) >= errors.count
  const times = hitsBoth ? heterogeneity(parts.map((part) => ({ more: part.new, less: part.old }))) : 1
  const chance = (share: Share) => overdispersed(fisherExact(share, shares.old), times)
  const p = Math.max(chance(shares.new), chance(withoutWorstBurst(shares.new, steps)))
  return { p, size: matters ? 'matters' : 'small' }
}

/** How many steps in a row one burst fills: requests that waited for the same lock end together. */
const BURST = 2

/** What is left of `all` when the steps in a row with the most errors are taken out. */
function withoutWorstBurst(all: Share, steps: Share[]): Share {
  let worst: Share = { errors: 0, of: 0 }
  for (let at = 0; at < steps.length; at += 1) {
    const burst = steps.slice(at, at + BURST).reduce(add)
    if (burst.errors > worst.errors) worst = burst
  }
  return { errors: all.errors - worst.errors, of: all.of - worst.of }
}

const add = (a: Share, b: Share): Share => ({ errors: a.errors + b.errors, of: a.of + b.of })

/** The median is what most wait; the 95th centile is the first to move when only a part became slow. */
const QUANTILES = [0.5, 0.95]
/** The shares of all parts in which it must have moved to matter, and to be looked at for longer. */
const [MOST, MANY] = [2 / 3, 1 / 2]
/** A quantile is told by the answers beyond it: with fewer of them, of either colour, a part says nothing. */
const LEAST_BEYOND = 5

/** The latencies of both colours in one part of the time that was observed. */
export type Part = Pair<Histogram> & { ms: number }

/** The parts in which a quantile can be told of both colours. */
export const partsFor = (q: number, parts: Part[]): Part[] =>
  parts.filter((part) => Math.min(total(part.new), total(part.old)) * (1 - q) >= LEAST_BEYOND)

/**
 * Is the new colour slower than the old? Within each part both are compared under the same conditions, and one and
 * the same quantile must have moved in two parts of three. Latencies come in bursts (a collector, a neighbour, a
 * checkpoint), which no test of independent answers allows for: a burst fills few parts, a slow release all.
 */
export function compareLatency(
  given: Part[],
  { latency, minRequests }: Pick<Rules, 'latency' | 'minRequests'>,
): Finding {
  const parts = partsFor(0.5, given)
  const observed = parts.reduce((sum, { ms }) => sum + ms, 0)
  const answers = (side: 'new' | 'old') => parts.reduce((sum, part) => sum + total(part[side]), 0)
  if (observed < latency.spanMs || Math.min(answers('new'), answers('old')) < minRequests) {
    return { p: 1, size: 'small' }
  }
  const moved = Math.max(
    ...QUANTILES.map((q) => {
      const told = partsFor(q, parts)
      const enough = told.length >= parts.length * MOST
      return enough ? told.filter((part) => hasMoved(part, q, latency)).length / told.length : 0
    }),
  )
  const p = mannWhitney(parts.map((part) => ({ slower: part.new, faster: part.old })))
  return { p, size: moved >= MOST ? 'matters' : moved >= MANY ? 'suspicious' : 'small' }
}

function hasMoved(part: Part, q: number, { factor, ms }: Rules['latency']): boolean {
  const [slower, faster] = [quantile(part.new, q), quantile(part.old, q)]
  return slower >= faster * factor && slower - faster >= ms
}

export function sum(histograms: Histogram[]): Histogram {
  const all = new Map<number, number>()
  for (const histogram of histograms) {
    for (const [bound, count] of histogram) all.set(bound, (all.get(bound) ?? 0) + count)
  }
  return all
}
