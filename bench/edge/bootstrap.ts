import { median } from '../../scripts/output/table.ts'

export type Interval = { median: number; low: number; high: number }

/**
 * The median and its 95 % interval by percentile bootstrap: the 2.5th and 97.5th percentile of the medians of
 * `resamples` draws with replacement (Efron and Tibshirani, An Introduction to the Bootstrap, 1993, chapter 13).
 * Errors: no sample.
 */
export function bootstrapMedian(
  samples: number[],
  { resamples = 10_000, random = Math.random } = {},
): Interval {
  const draw = () => samples[Math.floor(random() * samples.length)] as number
  const medians = Array.from({ length: resamples }, () => median(samples.map(draw))).sort((a, b) => a - b)
  const percentile = (share: number) => medians[Math.floor(share * (resamples - 1))] as number
  return { median: median(samples), low: percentile(0.025), high: percentile(0.975) }
}
