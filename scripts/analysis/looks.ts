import { COLOURS, type Colour } from '../stack/colours.ts'
import type { Sample, Window } from './types.ts'
import { answersOf, between } from './window.ts'

/** The looks at HAProxy's counters in one phase, from the first or from the last reset on. */
export class Looks {
  #samples: [Sample, ...Sample[]]
  /** From each look to the next. */
  #steps: Window[] = []

  constructor(first: Sample) {
    this.#samples = [first]
  }

  /** Looks after the first one. */
  get size(): number {
    return this.#samples.length - 1
  }

  /** `reset` when the counters began anew: so does this. */
  add(sample: Sample): 'added' | 'reset' {
    const step = between(this.#last, sample)
    if (step === 'reset') {
      this.#samples = [sample]
      this.#steps = []
      return 'reset'
    }
    this.#steps.push(step)
    this.#samples.push(sample)
    return 'added'
  }

  /** What happened from each look to the next. */
  get steps(): readonly Window[] {
    return this.#steps
  }

  /** From the first to the last look. */
  window(): Window {
    return this.#between(0, this.size)
  }

  /** Answers to users a second over the last `ms`, of the colour that has fewer; 0 before the second look. */
  traffic(ms: number): number {
    const from = this.#samples.findIndex(({ at }) => at >= this.#last.at - ms)
    const window = this.#between(from, this.size)
    if (window.ms === 0) return 0
    return (Math.min(...COLOURS.map((colour) => window.colours[colour].users.responses)) * 1000) / window.ms
  }

  /**
   * The time in which latencies count, in whole parts of `partMs`: from the look on at which `colour` had given
   * `warmUp` answers.
   */
  latencyParts(colour: Colour, warmUp: number, partMs: number): Window[] {
    const before = answersOf(this.#samples[0], colour)
    const from = this.#samples.findIndex((sample) => answersOf(sample, colour) - before >= warmUp)
    return from < 0 ? [] : this.#wholeParts(from, partMs).parts
  }

  /** All the time, in parts of `partMs`; the last one may be shorter. */
  parts(partMs: number): Window[] {
    const { parts, end } = this.#wholeParts(0, partMs)
    return end < this.size ? [...parts, this.#between(end, this.size)] : parts
  }

  /** Parts of `partMs` from a look on, and the look at which the last of them ends. */
  #wholeParts(from: number, partMs: number): { parts: Window[]; end: number } {
    const parts: Window[] = []
    let end = from
    for (let at = from + 1; at <= this.size; at += 1) {
      if ((this.#samples[at] as Sample).at - (this.#samples[end] as Sample).at < partMs) continue
      parts.push(this.#between(end, at))
      end = at
    }
    return { parts, end }
  }

  get #last(): Sample {
    return this.#samples.at(-1) ?? this.#samples[0]
  }

  #between(from: number, to: number): Window {
    const window = between(this.#samples[from] ?? this.#last, this.#samples[to] ?? this.#last)
    if (window === 'reset') throw new Error('a reset between two looks of one phase')
    return window
  }
}
