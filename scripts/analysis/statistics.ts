import type { Histogram } from './types.ts'

/** Successes (here: errors) among trials (here: answers). */
export type Share = { errors: number; of: number }

/**
 * Fisher's exact test, one-sided: the probability that, if both colours erred alike, `more` had at least as many
 * of all errors as it had. With N answers in all, n of them of `more`, and K errors in all, the errors of `more`
 * are hypergeometric:
 *
 *   p = sum over x from k to min(K, n) of C(n, x) · C(N−n, K−x) / C(N, K)
 *
 * (R. A. Fisher, Statistical Methods for Research Workers, 5th ed. 1934, section 21.02; in R
 * `fisher.test(alternative = "greater")`.) Terms come from one another by their ratio, away from the mode, until
 * they no longer count: some thousand steps at most for counts of a million.
 */
export function fisherExact(more: Share, less: Share): number {
  const { errors: k, of: n } = more
  const all = n + less.of
  const errors = k + less.errors
  if (k === 0 || less.of === 0) return 1
  const logTerm = (x: number): number =>
    logChoose(n, x) + logChoose(all - n, errors - x) - logChoose(all, errors)
  // The ratio of the term at x + 1 to the term at x.
  const ratio = (x: number): number => ((n - x) * (errors - x)) / ((x + 1) * (all - n - errors + x + 1))
  const mode = Math.floor(((n + 1) * (errors + 1)) / (all + 2))
  if (k > mode) return Math.min(1, sumTerms(Math.exp(logTerm(k)), k, ratio, 1))
  const lowest = Math.max(0, errors - (all - n))
  if (k <= lowest) return 1
  // Below the mode the other tail is the short one.
  return Math.max(0, 1 - sumTerms(Math.exp(logTerm(k - 1)), k - 1, (x) => 1 / ratio(x - 1), -1))
}

/** A term and all beyond it in one direction, where each is smaller than the one before. */
function sumTerms(first: number, from: number, ratio: (x: number) => number, step: 1 | -1): number {
  let sum = first
  let term = first
  for (let x = from; term > sum * 1e-17; x += step) {
    term *= ratio(x)
    if (!(term > 0) || !Number.isFinite(term)) break
    sum += term
  }
  return sum
}

const logChoose = (n: number, k: number): number => logFactorial(n) - logFactorial(k) - logFactorial(n - k)

const SMALL = 64
const SMALL_LOG_FACTORIALS = [0]
for (let n = 1; n < SMALL; n += 1) {
  SMALL_LOG_FACTORIALS.push((SMALL_LOG_FACTORIALS[n - 1] as number) + Math.log(n))
}

/** ln n!, by Stirling's series (Abramowitz and Stegun 6.1.41); from 64 on its error is below 1e-15. */
export function logFactorial(n: number): number {
  if (n < SMALL) return SMALL_LOG_FACTORIALS[n] ?? Number.NaN
  const inverse = 1 / n
  const square = inverse * inverse
  const series = inverse * (1 / 12 - square * (1 / 360 - square / 1260))
  return (n + 0.5) * Math.log(n) - n + 0.5 * Math.log(2 * Math.PI) + series
}

/**
 * How much more the difference between two rates varies from part to part than chance alone would make it, at least 1:
 * Cochran's Q over its degrees of freedom (W. G. Cochran, Biometrics 10, 1954; the H² of J. Higgins and S. Thompson,
 * Statistics in Medicine 21, 2002). With a difference d_i of the error ratios in part i, and the variance that it would
 * have if each side always erred as it does on the whole:
 *
 *   v_i = p(1−p)/n_i + q(1−q)/m_i,   d = sum(d_i/v_i) / sum(1/v_i),   H² = sum((d_i − d)²/v_i) / (parts − 1)
 *
 * A release that is worse by the same all the time leaves it at 1. Errors that come in bursts do not.
 */
export function heterogeneity(parts: { more: Share; less: Share }[]): number {
  const told = parts.filter(({ more, less }) => Math.min(more.of, less.of) > 0)
  const variance = (side: 'more' | 'less') => {
    const { errors, of } = told.reduce(
      (all, part) => ({ errors: all.errors + part[side].errors, of: all.of + part[side].of }),
      { errors: 0, of: 0 },
    )
    return (errors / of) * (1 - errors / of)
  }
  if (told.length < 2) return 1
  const [more, less] = [variance('more'), variance('less')]
  if (more + less === 0) return 1
  const differences = told.map((part) => ({
    value: part.more.errors / part.more.of - part.less.errors / part.less.of,
    weight: 1 / (more / part.more.of + less / part.less.of),
  }))
  const weights = differences.reduce((sum, { weight }) => sum + weight, 0)
  const common = differences.reduce((sum, { value, weight }) => sum + value * weight, 0) / weights
  const q = differences.reduce((sum, { value, weight }) => sum + (value - common) ** 2 * weight, 0)
  return Math.max(1, q / (told.length - 1))
}

/** A probability of independent trials as it is of trials whose results vary `times` as much. */
export const overdispersed = (p: number, times: number): number =>
  p <= 0 || p >= 0.5 || times <= 1 ? p : normalTail(normalQuantile(p) / Math.sqrt(times))

/** Latencies of both sides under the same conditions. */
export type Stratum = { slower: Histogram; faster: Histogram }

/**
 * The Mann-Whitney U test (Wilcoxon's rank sum), one-sided, stratified and allowing for overdispersion: the
 * probability that, if both sides came from the same distribution within each stratum, `slower` would exceed
 * `faster` so often. Answers of one bucket are ties. In a stratum of n and m answers, N = n + m, with t answers in a
 * bucket, and U the number of pairs in which `slower` is the greater (ties count half):
 *
 *   mean = nm/2,   variance = nm/12 · (N + 1 − sum(t³ − t) / (N(N − 1))),   w = 1 / (N + 1)
 *   z = (sum of w (U − mean) − max(w)/2) / sqrt(d · sum of w² · variance),   p = 1 − Φ(z)
 *
 * (H. B. Mann and D. R. Whitney 1947; correction for ties and continuity: E. L. Lehmann, Nonparametrics, 1975,
 * sections 1.3 and 1.4; strata and their weights: Ph. van Elteren 1960. With one stratum the weight cancels and
 * this is R's `wilcox.test(alternative = "greater", exact = FALSE)`.) Independent answers make the strata's own z
 * differ with a variance of 1; answers that come in bursts make it more, and that is d, at least 1 (P. McCullagh
 * and J. A. Nelder, Generalized Linear Models, 1989, section 4.5). A d that was estimated from k strata is uncertain,
 * of which the normal distribution knows nothing: then z is Student's t with k − 1 degrees of freedom.
 */
export function mannWhitney(strata: Stratum[]): number {
  let [deviation, variance, heaviest] = [0, 0, 0]
  const scores: number[] = []
  for (const { slower, faster } of strata) {
    const [n, m] = [total(slower), total(faster)]
    const { u, ties } = countPairs(slower, faster)
    const own = ((n * m) / 12) * (n + m + 1 - ties / ((n + m) * (n + m - 1)))
    if (!(own > 0)) continue
    const weight = 1 / (n + m + 1)
    deviation += weight * (u - (n * m) / 2)
    variance += weight ** 2 * own
    heaviest = Math.max(heaviest, weight)
    scores.push((u - (n * m) / 2) / Math.sqrt(own))
  }
  if (variance === 0) return 1
  const d = spread(scores)
  const z = (deviation - heaviest / 2) / Math.sqrt(variance * Math.max(1, d))
  return d > 1 ? studentTail(z, scores.length - 1) : normalTail(z)
}

/**
 * P(T > t) for Student's t with `degrees` degrees of freedom, a whole number of at least 1 (M. Abramowitz and
 * I. A. Stegun, Handbook of Mathematical Functions, 1964, 26.7.3 and 26.7.4): with θ = atan(t / √degrees),
 *
 *   odd:   A = 2/π (θ + sin θ cos θ (1 + 2/3 cos² θ + (2·4)/(3·5) cos⁴ θ + …)),   (degrees − 1)/2 terms
 *   even:  A = sin θ (1 + 1/2 cos² θ + (1·3)/(2·4) cos⁴ θ + …),                   degrees/2 terms
 *
 * and the probability is (1 − A) / 2.
 */
export function studentTail(t: number, degrees: number): number {
  const angle = Math.atan(t / Math.sqrt(degrees))
  const odd = degrees % 2
  let [sum, term] = [0, 1]
  for (let at = 1; at <= (degrees - odd) / 2; at += 1) {
    sum += term
    term *= ((2 * at - 1 + odd) / (2 * at + odd)) * Math.cos(angle) ** 2
  }
  const both = odd ? (2 / Math.PI) * (angle + Math.sin(angle) * Math.cos(angle) * sum) : Math.sin(angle) * sum
  return (1 - both) / 2
}

/** The sample variance; 0 for a single value. */
function spread(values: number[]): number {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length
  return values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / Math.max(1, values.length - 1)
}

function countPairs(slower: Histogram, faster: Histogram): { u: number; ties: number } {
  let [u, ties, below] = [0, 0, 0]
  for (const bound of bounds(slower, faster)) {
    const [here, there] = [slower.get(bound) ?? 0, faster.get(bound) ?? 0]
    u += here * (below + there / 2)
    below += there
    ties += (here + there) ** 3 - (here + there)
  }
  return { u, ties }
}

/**
 * The latency in ms that a share `q` (0..1) of all answers did not exceed, the answers of a bucket being spread
 * evenly over it. NaN without answers.
 */
export function quantile(histogram: Histogram, q: number): number {
  const wanted = total(histogram) * q
  let seen = 0
  for (const [bound, count] of [...histogram].sort(([a], [b]) => a - b)) {
    if (count > 0 && seen + count >= wanted) return bound + (widthOf(bound) * (wanted - seen)) / count
    seen += count
  }
  return Number.NaN
}

/** The width in ms of the bucket that begins at `bound`: HAProxy rounds down to two significant digits. */
export const widthOf = (bound: number): number =>
  bound < 100 ? 1 : 10 ** (Math.floor(Math.log10(bound)) - 1)

export const total = (histogram: Histogram): number => {
  let sum = 0
  for (const count of histogram.values()) sum += count
  return sum
}

const bounds = (a: Histogram, b: Histogram): number[] =>
  [...new Set([...a.keys(), ...b.keys()])].sort((x, y) => x - y)

/**
 * 1 − Φ(z), to about 15 digits also far out, where a difference from 1 has none left: the series of Abramowitz
 * and Stegun 26.2.11 in the middle, their continued fraction 26.2.14 beyond.
 */
export function normalTail(z: number): number {
  if (z < 0) return 1 - normalTail(-z)
  const density = Math.exp((-z * z) / 2) / Math.sqrt(2 * Math.PI)
  if (z > 3) {
    let fraction = z
    for (let level = 60; level >= 1; level -= 1) fraction = z + level / fraction
    return density / fraction
  }
  let term = z
  let sum = z
  for (let k = 1; term > sum * 1e-17; k += 1) {
    term *= (z * z) / (2 * k + 1)
    sum += term
  }
  return 0.5 - density * sum
}

/** The z with 1 − Φ(z) = p, for 0 < p <= 1/2, by bisection. */
export function normalQuantile(p: number): number {
  let [low, high] = [0, 40]
  for (let round = 0; round < 60; round += 1) {
    const middle = (low + high) / 2
    if (normalTail(middle) > p) low = middle
    else high = middle
  }
  return (low + high) / 2
}
