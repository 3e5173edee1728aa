import type { Clock } from '../../../apps/web/lib/failover/clock.ts'

type Timer = { at: number; run: () => void }

/** Time that passes only when it is told to; what follows from a timer is done before the next one. */
export class FakeClock implements Clock {
  #now = 1_000_000
  #timers = new Set<Timer>()

  now(): number {
    return this.#now
  }

  setTimeout(run: () => void, ms: number): unknown {
    const timer = { at: this.#now + Math.max(0, ms), run }
    this.#timers.add(timer)
    return timer
  }

  clearTimeout(timer: unknown): void {
    this.#timers.delete(timer as Timer)
  }

  /** Timers that wait. */
  get pending(): number {
    return this.#timers.size
  }

  /** Milliseconds until each timer, the soonest first. */
  get due(): number[] {
    return [...this.#timers].map(({ at }) => at - this.#now).sort((a, b) => a - b)
  }

  /** Lets exactly the next timer come. */
  next(): Promise<void> {
    return this.advance(this.due[0] ?? 0)
  }

  async advance(ms: number): Promise<void> {
    const end = this.#now + ms
    await settled()
    for (;;) {
      const next = [...this.#timers].filter(({ at }) => at <= end).sort((a, b) => a.at - b.at)[0]
      if (!next) break
      this.#timers.delete(next)
      this.#now = next.at
      next.run()
      await settled()
    }
    this.#now = end
  }
}

/** Every promise that can settle without time passing has settled. */
export async function settled(): Promise<void> {
  for (let turn = 0; turn < 3; turn++) await new Promise((resolve) => setImmediate(resolve))
}
