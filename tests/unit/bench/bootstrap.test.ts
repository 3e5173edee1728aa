import { expect, it } from 'vitest'
import { bootstrapMedian } from '../../../bench/edge/bootstrap.ts'

/** Numerical Recipes' quick generator, so that the test is the same each time. */
const seeded = (seed: number) => () => {
  seed = (Math.imul(seed, 1664525) + 1013904223) >>> 0
  return seed / 2 ** 32
}

it('the interval of a median holds it, and is as wide as its standard error says', () => {
  const samples = Array.from({ length: 100 }, (_, at) => at)
  const { median, low, high } = bootstrapMedian(samples, { random: seeded(1), resamples: 2000 })
  expect(median).toBe(49.5)
  // 1.96 standard errors each way: half the range of a uniform distribution over the root of 100 samples.
  expect(Math.abs(median - low - 9.8)).toBeLessThan(2)
  expect(Math.abs(high - median - 9.8)).toBeLessThan(2)
})
it('samples that are all equal have an interval of no width', () =>
  expect(bootstrapMedian([2, 2, 2])).toEqual({ median: 2, low: 2, high: 2 }))
it('no samples are refused', () => expect(() => bootstrapMedian([])).toThrow('no samples'))
