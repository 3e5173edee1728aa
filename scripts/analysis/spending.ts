import { normalQuantile, normalTail } from './statistics.ts'

/** Which look this is, from 1, of how many that are planned. */
export type Look = { at: number; of: number }

/**
 * The probability below which one look may decide, so that all looks together err with at most `alpha`. A half is
 * for any time, a half for the end:
 *
 *   level = max( alpha / 2 / looks,  1 − Φ(z / sqrt(t)) ),   t = look / looks,   z = Φ⁻¹(1 − alpha / 4)
 *
 * The first is Bonferroni's: what is plainly broken is seen within a few looks. The second is the boundary of
 * P. C. O'Brien and T. R. Fleming (Biometrics 35, 1979) in the continuous form of K. K. G. Lan and D. L. DeMets
 * (Biometrika 70, 1983): the sum of evidence is a Brownian motion in t and crosses z before t = 1 with
 * probability 2(1 − Φ(z)) = alpha / 2 by the reflection principle, however often one looks. Looks beyond the plan
 * get the level of the last.
 */
export function levelAt(alpha: number, { at, of }: Look): number {
  const t = Math.min(1, at / of)
  return Math.max(alpha / 2 / of, normalTail(normalQuantile(alpha / 4) / Math.sqrt(t)))
}
