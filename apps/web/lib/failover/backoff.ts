/** How waiting grows: `firstMs` after the first failure, then doubled each time, never beyond `maximumMs`. */
export type Backoff = { firstMs: number; maximumMs: number }

/**
 * Milliseconds to wait after the given number of failures in a row (1 or more): exponential with full jitter, that is
 * a random part of the whole, so that clients which failed together do not come back together. `random` gives numbers
 * of [0, 1).
 */
export function backoff(failures: number, { firstMs, maximumMs }: Backoff, random: () => number): number {
  return random() * Math.min(maximumMs, firstMs * 2 ** Math.max(0, failures - 1))
}
