import { expect, it } from 'vitest'
import { levelAt } from '../../../../scripts/analysis/spending.ts'
import { normalQuantile } from '../../../../scripts/analysis/statistics.ts'

it('gives the last look the most and the first ones their even share', () => {
  const levels = Array.from({ length: 15 }, (_, at) => levelAt(0.01, { at: at + 1, of: 15 }))
  expect(levels[0]).toBeCloseTo(0.005 / 15, 12)
  expect(levels.at(-1)).toBeCloseTo(0.0025, 9)
  expect(levels).toEqual(levels.toSorted((a, b) => a - b))
})

it('does not grow beyond the planned looks', () => {
  expect(levelAt(0.01, { at: 30, of: 15 })).toBe(levelAt(0.01, { at: 15, of: 15 }))
})

it('keeps the promised rate of false alarms over all looks', () => {
  const random = generator(7)
  const looks = 20
  const level = Array.from({ length: looks }, (_, at) => levelAt(0.1, { at: at + 1, of: looks }))
  let alarms = 0
  for (let run = 0; run < 20_000; run += 1) {
    let sum = 0
    for (let look = 1; look <= looks; look += 1) {
      sum += Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random())
      // Compared on the scale of z, which is cheaper than a tail for each.
      if (sum / Math.sqrt(look) > zOf(level[look - 1] as number)) {
        alarms += 1
        break
      }
    }
  }
  expect(alarms / 20_000).toBeLessThanOrEqual(0.1)
  expect(alarms / 20_000).toBeGreaterThan(0.03)
})

const known = new Map<number, number>()
const zOf = (p: number): number => {
  const z = known.get(p) ?? normalQuantile(p)
  known.set(p, z)
  return z
}

/** mulberry32: the same numbers in every run. */
const generator = (seed: number) => () => {
  seed = (seed + 0x6d2b79f5) | 0
  let t = Math.imul(seed ^ (seed >>> 15), 1 | seed)
  t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
  return ((t ^ (t >>> 14)) >>> 0) / 4294967296
}
