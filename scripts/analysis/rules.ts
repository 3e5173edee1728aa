/** What it takes to fail a release. An alarm needs both: too unlikely to be chance, and large enough to matter. */
export type Rules = {
  /** Probability of a false alarm that each comparison may have in one phase, over all its looks. */
  alpha: number
  /** Answers by each colour to an audience without which that audience proves nothing good. */
  minRequests: number
  errors: {
    /** Errors of the new colour, at least. */
    count: number
    /** By how much its share of errors exceeds that of the old, at least (0..1). */
    excess: number
  }
  latency: {
    /** How many times the old colour's p50 or p95 that of the new must be, at least. */
    factor: number
    /** By how many ms, at least. */
    ms: number
    /** Latencies are compared part by part, each so long (ms) and in two of three the new must be slower. */
    partMs: number
    /** Nothing is said of latencies before they were observed for so long in all (ms), over the phases. */
    spanMs: number
    /** Answers of the new colour, since the first weight, whose latency does not count: it compiles and connects. */
    warmUp: number
  }
}

export const DEFAULT_RULES: Rules = {
  alpha: 0.004,
  minRequests: 50,
  errors: { count: 5, excess: 0.01 },
  latency: { factor: 1.5, ms: 2, partMs: 5000, spanMs: 25_000, warmUp: 200 },
}

/**
 * Below these probabilities, with effects large enough, a phase is not ended but watched for longer. A good release has
 * hardly ever as many errors as that takes, so that a second look at them costs little.
 */
export const SUSPICION = { errors: 0.3, latency: 0.05 }
