const GROWTH = 1.1
const SMALLEST_MS = 0.5

/** Latencies in buckets that grow by a tenth: constant memory, and a quantile is at most 10 % too high. */
export class Histogram {
  readonly #buckets: number[] = []
  #count = 0
  #max = 0

  get count(): number {
    return this.#count
  }

  get max(): number {
    return this.#max
  }

  add(ms: number): void {
    const bucket = ms <= SMALLEST_MS ? 0 : Math.ceil(Math.log(ms / SMALLEST_MS) / Math.log(GROWTH))
    this.#buckets[bucket] = (this.#buckets[bucket] ?? 0) + 1
    this.#count += 1
    this.#max = Math.max(this.#max, ms)
  }

  /** The latency that a share `q` (0 to 1) of all samples did not exceed; 0 without samples. */
  quantile(q: number): number {
    const wanted = Math.ceil(this.#count * q)
    let seen = 0
    for (let bucket = 0; bucket < this.#buckets.length; bucket += 1) {
      seen += this.#buckets[bucket] ?? 0
      if (seen >= wanted) return Math.min(this.#max, SMALLEST_MS * GROWTH ** bucket)
    }
    return this.#max
  }
}
