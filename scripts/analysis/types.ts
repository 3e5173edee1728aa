import type { Colour } from '../stack/colours.ts'

/** Who asked: people, or the kit's own probes. */
export type Audience = 'users' | 'probes'

/** Answers by time to their headers: lower bound of a bucket in ms to number of answers. */
export type Histogram = ReadonlyMap<number, number>

/** What one colour answered to one audience since HAProxy's counters began. */
export type Counters = {
  /** Answers that the application gave. */
  responses: number
  /** Of these, how many had a status of 500 or above. */
  serverErrors: number
  latency: Histogram
}

/** One look at HAProxy's counters. */
export type Sample = {
  /** Monotonic ms. */
  at: number
  colours: Record<Colour, Record<Audience, Counters>>
  /** Failures that HAProxy itself had with a colour, whoever asked: refused or broken connections, no answer. */
  edgeErrors: Record<Colour, number>
}

/** What happened between two looks. */
export type Window = {
  /** Length in ms. */
  ms: number
  colours: Sample['colours']
  edgeErrors: Sample['edgeErrors']
}

/** One comparison: new against old. Latencies in ms, ratios 0..1. */
export type Figures = {
  audience: Audience
  responses: { new: number; old: number }
  errorRatio: { new: number; old: number }
  /** One-sided probability of so many more errors by chance. */
  errorP: number
  p50: { new: number; old: number }
  p95: { new: number; old: number }
  /** One-sided probability of so much slower answers by chance. */
  latencyP: number
  edgeErrors: { new: number; old: number }
}

export type Verdict = {
  verdict: 'pass' | 'fail' | 'inconclusive'
  /** In words, with the figure that decided. */
  reason: string
  figures: Figures[]
}

/** The record of one watched phase. */
export type Watched = Verdict & { phase: string; ms: number; looks: number; restarts: number }
