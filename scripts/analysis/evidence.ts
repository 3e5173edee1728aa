import type { Colour } from '../stack/colours.ts'
import type { Window } from './types.ts'
import { answersOf, join } from './window.ts'

/** What the phases of one rollout share: what the earlier ones saw, and probes that are still to be answered. */
export class Evidence {
  #window: Window | undefined
  readonly #underway: Promise<void>[] = []
  /** Parts of the time in which latencies counted. */
  readonly latency: Window[] = []
  /** Parts of all the time. */
  readonly parts: Window[] = []
  /** From each look to the next. */
  readonly steps: Window[] = []

  get past(): Window | undefined {
    return this.#window
  }

  add(window: Window, { parts, latency, steps }: Record<'parts' | 'latency' | 'steps', Window[]>): void {
    this.steps.push(...steps)
    this.parts.push(...parts)
    this.latency.push(...latency)
    this.#window = this.#window ? join(this.#window, window) : window
  }

  /** Answers of a colour so far, whoever asked. */
  answers(colour: Colour): number {
    return this.#window ? answersOf(this.#window, colour) : 0
  }

  /** A verdict does not wait for probes that hang: a failed release is taken back first. */
  leave(underway: Promise<void>): void {
    this.#underway.push(underway)
  }

  /** When every probe is answered and taken back; to be awaited at the end of the rollout. */
  async settled(): Promise<void> {
    await Promise.all(this.#underway)
  }
}
