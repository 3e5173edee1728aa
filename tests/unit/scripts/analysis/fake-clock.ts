import { setImmediate as turn } from 'node:timers/promises'
import type { Clock } from '../../../../scripts/ports.ts'

/** Time that passes only when everybody sleeps; then at once, to the next who wakes. */
export class FakeClock implements Clock {
  #now = 0
  #sleepers: { at: number; wake: () => void }[] = []

  now(): number {
    return this.#now
  }

  date(): Date {
    return new Date(this.#now)
  }

  sleep(ms: number): Promise<void> {
    return new Promise((wake) => this.#sleepers.push({ at: this.#now + Math.max(0, ms), wake }))
  }

  /** Lets time pass until `work` is done. */
  async run<T>(work: Promise<T>): Promise<T> {
    let done = false
    const settled = work.finally(() => {
      done = true
    })
    settled.catch(() => {})
    for (;;) {
      await turn()
      if (done) return settled
      const next = this.#sleepers.toSorted((a, b) => a.at - b.at)[0]
      if (!next) continue
      this.#sleepers = this.#sleepers.filter((one) => one !== next)
      this.#now = Math.max(this.#now, next.at)
      next.wake()
    }
  }
}
