/** Numbers that look random and are the same for the same seed, so that a run can be repeated. */
export class Random {
  readonly #state: Uint32Array

  constructor(seed: number) {
    this.#state = Uint32Array.of(seed, seed ^ 0x9e3779b9, ~seed, 1)
    for (let round = 0; round < 20; round += 1) this.next()
  }

  /** Evenly from 0 (included) to 1 (excluded): sfc32, from C. Doty-Humphrey's PractRand, public domain. */
  next(): number {
    const [a = 0, b = 0, c = 0, counter = 0] = this.#state
    const sum = (a + b + counter) >>> 0
    this.#state.set([b ^ (b >>> 9), c + (c << 3), ((c << 21) | (c >>> 11)) + sum, counter + 1])
    return sum / 4294967296
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

  /**
   * A count at another rate: each kept with probability `times`, which leaves a Poisson count one. A count that has to
   * grow is drawn anew, which makes it noisier than it was.
   */
  thin(count: number, times: number): number {
    return times <= 1 ? this.binomial(count, times) : this.poisson(count * times)
  }
}
