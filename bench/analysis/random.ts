/** Numbers that look random and are the same for the same seed, so that a run can be repeated. */
export class Random {
  #state: number

  constructor(seed: number) {
    this.#state = seed | 0
  }

  /** Evenly from 0 (included) to 1 (excluded): mulberry32 by T. Ettinger, public domain. */
  next(): number {
    this.#state = (this.#state + 0x6d2b79f5) | 0
    let t = Math.imul(this.#state ^ (this.#state >>> 15), 1 | this.#state)
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296
  }

  below(limit: number): number {
    return Math.floor(this.next() * limit)
  }

  /** Standard normal, by Box and Muller. */
  normal(): number {
    return Math.sqrt(-2 * Math.log(1 - this.next())) * Math.cos(2 * Math.PI * this.next())
  }

  /** Knuth's product for small means, the rounded normal beyond, where the two can hardly be told apart. */
  poisson(mean: number): number {
    if (mean > 40) return Math.max(0, Math.round(mean + Math.sqrt(mean) * this.normal()))
    let count = 0
    for (let product = this.next(), limit = Math.exp(-mean); product > limit; product *= this.next())
      count += 1
    return count
  }

  /** How many of `of` trials succeed. */
  binomial(of: number, p: number): number {
    if (p <= 0 || of <= 0) return 0
    if (p >= 1) return of
    let count = 0
    for (let trial = 0; trial < of; trial += 1) if (this.next() < p) count += 1
    return count
  }
}
