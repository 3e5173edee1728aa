import { type Step, stepNames } from '../core/fulfilment.ts'

/** How far an order has come, step by step. */
export class Progress {
  readonly steps: Step[] = stepNames.map((name) => ({ name, state: 'waiting' }))
  #now: () => Date

  constructor(now: () => Date) {
    this.#now = now
  }

  mark(name: Step['name'], state: Step['state']): void {
    const step = this.steps.find((one) => one.name === name)
    if (step) Object.assign(step, { state, at: this.#now().toISOString() })
  }

  /** What has begun is undone; what has failed stays failed, and what has not begun is still waiting. */
  markUndone(name: Step['name']): void {
    const state = this.steps.find((one) => one.name === name)?.state
    if (state === 'done' || state === 'running') this.mark(name, 'undone')
  }
}
