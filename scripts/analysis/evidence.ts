import type { Colour } from '../stack/colours.ts'
import type { Window } from './types.ts'
import { answersOf, join } from './window.ts'

/** What the earlier phases of one rollout saw: each phase adds its own and judges with it. */
export class Evidence {
  #window: Window | undefined
  /** Parts of the time in which latencies counted. */
  readonly parts: Window[] = []

  get past(): Window | undefined {
    return this.#window
  }

  add(window: Window, parts: Window[]): void {
    this.parts.push(...parts)
    this.#window = this.#window ? join(this.#window, window) : window
  }

  /** Answers of a colour so far, whoever asked. */
  answers(colour: Colour): number {
    return this.#window ? answersOf(this.#window, colour) : 0
  }
}
