import type { Rules } from './rules.ts'
import { fisherExact, mannWhitney, quantile, type Share, total } from './statistics.ts'
import type { Histogram } from './types.ts'
import { sameScale } from './window.ts'

export type Pair<T> = { new: T; old: T }

/** One comparison: how probable by chance, and whether it is large enough to matter whatever its probability. */
export type Finding = { p: number; matters: boolean }

export const ratioOf = ({ errors, of }: Share): number => (of > 0 ? errors / of : 0)

/** Fails the new colour more often than the old? */
export function compareErrors(shares: Pair<Share>, { errors }: Pick<Rules, 'errors'>): Finding {
  const matters =
    shares.new.errors >= errors.count && ratioOf(shares.new) - ratioOf(shares.old) >= errors.excess
  return { p: fisherExact(shares.new, shares.old), matters }
}

/** The median is what most wait; the 95th centile is the first to move when only a part became slow. */
const QUANTILES = [0.5, 0.95]

/**
 * Is the new colour slower than the old? `parts` are successive parts of the time observed: one and the same
 * quantile must have moved in each of them. Latencies come in bursts (a collector, a neighbour, a checkpoint), which
 * no test of independent answers allows for; a burst does not fill two parts, a slow release does.
 */
export function compareLatency(
  parts: Pair<Histogram>[],
  rules: Pick<Rules, 'latency' | 'minRequests'>,
): Finding {
  const whole = { new: sum(parts.map((part) => part.new)), old: sum(parts.map((part) => part.old)) }
  if (Math.min(total(whole.new), total(whole.old)) < rules.minRequests) return { p: 1, matters: false }
  const matters = QUANTILES.some((q) => [whole, ...parts].every((part) => hasMoved(part, q, rules)))
  return { p: mannWhitney(whole.new, whole.old), matters }
}

function hasMoved(part: Pair<Histogram>, q: number, { latency }: Pick<Rules, 'latency'>): boolean {
  const [slower, faster] = [quantilesOf(part.new, part.old, q), quantilesOf(part.old, part.new, q)]
  return slower >= faster * latency.factor && slower - faster >= latency.ms
}

const quantilesOf = (of: Histogram, scale: Histogram, q: number): number => quantile(sameScale(of, scale), q)

export function sum(histograms: Histogram[]): Histogram {
  const all = new Map<number, number>()
  for (const histogram of histograms) {
    for (const [bound, count] of histogram) all.set(bound, (all.get(bound) ?? 0) + count)
  }
  return all
}
