import { describe, expect, it } from 'vitest'
import {
  fisherExact,
  heterogeneity,
  logFactorial,
  mannWhitney,
  normalQuantile,
  normalTail,
  overdispersed,
  quantile,
  studentTail,
  widthOf,
} from '../../../../scripts/analysis/statistics.ts'

describe("Student's t", () => {
  it.each([
    [12.7062, 1, 0.025],
    [4.30265, 2, 0.025],
    [2.77645, 4, 0.025],
    [3.36493, 5, 0.01],
    [3.16927, 10, 0.005],
    [3.39624, 29, 0.001],
  ])('exceeds %f with %i degrees of freedom with the probability that tables give', (t, degrees, p) => {
    expect(studentTail(t, degrees)).toBeCloseTo(p, 6)
    expect(studentTail(-t, degrees)).toBeCloseTo(1 - p, 6)
  })
  it('is the normal distribution where nothing has to be estimated', () => {
    expect(studentTail(2, 100_000)).toBeCloseTo(normalTail(2), 5)
  })
})

describe("Fisher's exact test", () => {
  it("gives the known value of the lady tasting tea, R's fisher.test(matrix(c(3,1,1,3),2), alternative='greater')", () => {
    expect(fisherExact({ errors: 3, of: 4 }, { errors: 1, of: 4 })).toBeCloseTo(17 / 70, 12)
  })
  it('equals the count of all ways to deal out the errors', () => {
    for (const [k, n, other, m] of [
      [0, 5, 3, 7],
      [1, 5, 0, 6],
      [2, 3, 2, 8],
      [4, 6, 1, 7],
      [3, 8, 3, 5],
      [5, 5, 7, 8],
    ] as const) {
      const expected = dealt(k, n, other, m)
      expect(fisherExact({ errors: k, of: n }, { errors: other, of: m })).toBeCloseTo(expected, 12)
    }
  })
  it('knows of no difference without errors, or without the other', () => {
    expect(fisherExact({ errors: 0, of: 100 }, { errors: 3, of: 100 })).toBe(1)
    expect(fisherExact({ errors: 9, of: 10 }, { errors: 0, of: 0 })).toBe(1)
  })
  it('stays exact far out in the tail', () => {
    // All 20 errors among 20 of 220 answers: 1 / C(220, 20).
    const ways = Math.exp(logFactorial(220) - logFactorial(20) - logFactorial(200))
    expect(fisherExact({ errors: 20, of: 20 }, { errors: 0, of: 200 }) * ways).toBeCloseTo(1, 9)
  })
  it('both tails of a million answers fit together, within a few milliseconds', () => {
    const start = performance.now()
    const [few, many] = [
      { errors: 10_050, of: 1_000_000 },
      { errors: 9_950, of: 1_000_000 },
    ]
    const p = fisherExact(few, many)
    // Normal approximation with continuity: z = (100 - 1) / sqrt(2 · 10,000 · 0.99)
    expect(p).toBeCloseTo(normalTail(99 / Math.sqrt(2 * 10_000 * 0.99)), 3)
    const atMost = 1 - fisherExact({ errors: 10_051, of: 1_000_000 }, { errors: 9_949, of: 1_000_000 })
    const equalTo = Math.exp(choose(1_000_000, 10_050) + choose(1_000_000, 9_950) - choose(2_000_000, 20_000))
    expect(p + atMost - equalTo).toBeCloseTo(1, 6)
    expect(performance.now() - start).toBeLessThan(200)
  })
})

describe('the heterogeneity of parts', () => {
  const part = (more: number, less: number) => ({
    more: { errors: more, of: 100 },
    less: { errors: less, of: 100 },
  })

  it('is that of the formula', () => {
    // Differences 0.1 and 0.3, each with the variance 0.25 · 0.75/100 + 0.05 · 0.95/100: Q = 2 · 0.1² / v.
    const variance = (0.25 * 0.75 + 0.05 * 0.95) / 100
    expect(heterogeneity([part(15, 5), part(35, 5)])).toBeCloseTo(0.02 / variance, 9)
  })
  it('is none where the difference is the same all the time, where nothing fails, and with one part', () => {
    expect(heterogeneity([part(10, 2), part(10, 2), part(10, 2)])).toBe(1)
    expect(heterogeneity([part(0, 0), part(0, 0)])).toBe(1)
    expect(heterogeneity([part(90, 0)])).toBe(1)
  })
  it('leaves out parts in which one side answered nothing', () => {
    const silent = { more: { errors: 50, of: 100 }, less: { errors: 0, of: 0 } }
    expect(heterogeneity([part(10, 2), part(10, 2), silent])).toBe(1)
  })
  it('makes the improbable as probable as it is among results that vary so much', () => {
    expect(overdispersed(normalTail(4), 4)).toBeCloseTo(normalTail(2), 9)
    expect([overdispersed(0.7, 9), overdispersed(0, 9), overdispersed(0.01, 1)]).toEqual([0.7, 0, 0.01])
  })
})

describe('the Mann-Whitney test', () => {
  it('comes near the share of all rearrangements that are as extreme, ties included', () => {
    const slower = [2, 4, 4, 8, 8, 8, 16]
    const faster = [1, 2, 2, 4, 4, 8, 2]
    const p = mannWhitney([{ slower: histogram(slower), faster: histogram(faster) }])
    expect(Math.abs(p - rearranged(slower, faster))).toBeLessThan(0.015)
  })
  it("gives the value of R's wilcox.test(c(3,4,4,9), c(1,2,3,4), alternative='greater', exact=FALSE)", () => {
    // U = 3.5 + ... by hand: 3 beats 1, 2, ties 3 (2.5); 4 beats 1, 2, 3, ties 4 (3.5) twice; 9 beats all: 13.5.
    // Ties of 2 (3) and 3 (4): sum(t³ - t) = 6 + 24; variance = 16/12 · (9 - 30/56).
    const z = (13.5 - 8 - 0.5) / Math.sqrt((16 / 12) * (9 - 30 / 56))
    expect(mannWhitney([{ slower: histogram([3, 4, 4, 9]), faster: histogram([1, 2, 3, 4]) }])).toBeCloseTo(
      normalTail(z),
      12,
    )
  })
  it('sees nothing where all answers took the same time, or there are none', () => {
    expect(mannWhitney([{ slower: histogram([5, 5]), faster: histogram([5, 5, 5]) }])).toBe(1)
    expect(mannWhitney([{ slower: histogram([]), faster: histogram([5]) }])).toBe(1)
  })
})

describe('a quantile', () => {
  const answers = new Map([
    [120, 10],
    [7, 10],
  ])
  it('lies within its bucket in proportion, whatever the order of the buckets', () => {
    expect(quantile(answers, 0.25)).toBe(7.5)
    expect(quantile(answers, 0.75)).toBe(125)
    expect(quantile(answers, 1)).toBe(130)
  })
  it('of nothing is not a number', () => {
    expect(quantile(new Map(), 0.5)).toBeNaN()
  })
  it.each([
    [0, 1],
    [99, 1],
    [100, 10],
    [990, 10],
    [1000, 100],
    [24_000, 1000],
  ])('the bucket at %d ms is %d ms wide', (bound, width) => {
    expect(widthOf(bound)).toBe(width)
  })
})

it('a burst within one stratum convinces less than the same excess in all of them', () => {
  const even = { slower: histogram([1, 2, 2, 3, 4, 4]), faster: histogram([1, 1, 2, 2, 3, 3]) }
  const burst = { slower: histogram([9, 9, 9, 9, 9, 9]), faster: histogram([1, 1, 2, 2, 3, 3]) }
  const equal = { slower: histogram([1, 2, 3]), faster: histogram([1, 2, 3]) }
  expect(mannWhitney([burst, equal, equal, equal])).toBeGreaterThan(0.05)
  expect(mannWhitney(Array.from({ length: 20 }, () => even))).toBeLessThan(0.01)
})

describe('the normal tail', () => {
  it.each([
    [0, 0.5],
    [1.959963984540054, 0.025],
    [3, 1.3498980316301e-3],
    [3.0001, 1.34945495e-3],
    [6, 9.865876450377e-10],
    [-1, 0.8413447460685429],
  ])('beyond %d is %d', (z, p) => {
    expect(normalTail(z) / p).toBeCloseTo(1, 7)
  })
  it('has an inverse', () => {
    expect(normalQuantile(0.025)).toBeCloseTo(1.959963984540054, 9)
    expect(normalQuantile(normalTail(5))).toBeCloseTo(5, 9)
  })
})

const choose = (n: number, k: number): number => logFactorial(n) - logFactorial(k) - logFactorial(n - k)

const histogram = (values: number[]): Map<number, number> => {
  const counts = new Map<number, number>()
  for (const value of values) counts.set(value, (counts.get(value) ?? 0) + 1)
  return counts
}

/** The share of all ways to choose which of n + m answers erred in which the first n have at least k errors. */
function dealt(k: number, n: number, other: number, m: number): number {
  let [ways, extreme] = [0, 0]
  for (let set = 0; set < 2 ** (n + m); set += 1) {
    if (ones(set) !== k + other) continue
    ways += 1
    if (ones(set % 2 ** n) >= k) extreme += 1
  }
  return extreme / ways
}

/** The exact p of U: over all ways to choose which of the answers are the slower ones. */
function rearranged(slower: number[], faster: number[]): number {
  const all = [...slower, ...faster]
  const observed = pairs(slower, faster)
  let [ways, extreme] = [0, 0]
  for (let set = 0; set < 2 ** all.length; set += 1) {
    if (ones(set) !== slower.length) continue
    ways += 1
    const picked = all.filter((_, at) => set & (1 << at))
    const rest = all.filter((_, at) => !(set & (1 << at)))
    if (pairs(picked, rest) >= observed) extreme += 1
  }
  return extreme / ways
}

const pairs = (a: number[], b: number[]): number =>
  a.reduce((sum, x) => sum + b.reduce((part, y) => part + (x > y ? 1 : x === y ? 0.5 : 0), 0), 0)

const ones = (set: number): number => set.toString(2).replaceAll('0', '').length
