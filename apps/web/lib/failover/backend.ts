import { backoff } from './backoff.ts'
import type { Candidate, Status } from './choose.ts'
import type { Clock } from './clock.ts'
import { askHealth, type Fetch, within } from './health.ts'

/** How backends are looked after; all times in milliseconds. */
export type Timing = {
  /** Between two checks of a backend that answers, give or take a tenth. */
  checkEveryMs: number
  /** A backend that was awake lately answers within this. */
  answerWithinMs: number
  /** One that may have to be started first gets so long. */
  wakeWithinMs: number
  /** After so long without an answer it may be asleep. */
  sleepsAfterMs: number
  /** Between two checks of one that does not answer, with full jitter. */
  firstRetryMs: number
  maximumRetryMs: number
}

export type BackendParts = {
  fetch: Fetch
  clock: Clock
  random: () => number
  timing: Timing
  changed: () => void
}

/** One backend, checked from time to time: at most one check is under way, and at most one is planned. */
export class Backend implements Candidate {
  readonly url: string
  status: Status = 'unknown'
  streak = 0
  #parts: BackendParts
  #failures = 0
  #failedAt = Number.NEGATIVE_INFINITY
  #answeredAt = Number.NEGATIVE_INFINITY
  #checkedAt = Number.NEGATIVE_INFINITY
  #checking = false
  #timer: unknown
  #paused = false
  #ended = new AbortController()

  constructor(url: string, parts: BackendParts) {
    this.url = url
    this.#parts = parts
  }

  /** Asks it now, unless it is being asked. */
  async check(): Promise<void> {
    const { fetch, clock, timing } = this.#parts
    if (this.#checking || this.#ended.signal.aborted) return
    clock.clearTimeout(this.#timer)
    this.#checking = true
    this.#checkedAt = clock.now()
    const asleep = clock.now() - this.#answeredAt > timing.sleepsAfterMs
    const slow = asleep ? clock.setTimeout(() => this.#isSlow(), timing.answerWithinMs) : undefined
    const limit = asleep ? timing.wakeWithinMs : timing.answerWithinMs
    const answer = await within(clock, limit, this.#ended.signal, (signal) =>
      askHealth(fetch, this.url, signal),
    )
    clock.clearTimeout(slow)
    this.#checking = false
    if (this.#ended.signal.aborted) return
    if (answer === 'unreachable') this.#fail()
    else this.#answer(answer)
  }

  /** A request that began at `since` got no answer. What fails together counts once. */
  failed(since: number): void {
    if (since > this.#failedAt && !this.#ended.signal.aborted) this.#fail()
  }

  /** A request was answered that the service is not available: worth a look, but not one for each such answer. */
  refused(): void {
    if (this.#parts.clock.now() - this.#checkedAt >= this.#parts.timing.answerWithinMs) void this.check()
  }

  /** A request was answered. */
  answered(): void {
    this.#answeredAt = this.#parts.clock.now()
    if (this.status === 'unreachable') void this.check()
  }

  pause(): void {
    this.#paused = true
    this.#parts.clock.clearTimeout(this.#timer)
  }

  resume(): void {
    this.#paused = false
    void this.check()
  }

  close(): void {
    this.#ended.abort()
    this.#parts.clock.clearTimeout(this.#timer)
  }

  #answer(status: 'healthy' | 'degraded'): void {
    const { clock, random, timing } = this.#parts
    this.#answeredAt = clock.now()
    this.#failures = 0
    this.#become(status, status === 'healthy' ? this.streak + 1 : 0)
    this.#plan(timing.checkEveryMs * (0.9 + 0.2 * random()))
  }

  #fail(): void {
    const { clock, random, timing } = this.#parts
    this.#failedAt = clock.now()
    this.#answeredAt = Number.NEGATIVE_INFINITY
    this.#failures += 1
    this.#become('unreachable', 0)
    const growth = { firstMs: timing.firstRetryMs, maximumMs: timing.maximumRetryMs }
    this.#plan(backoff(this.#failures, growth, random))
  }

  #isSlow(): void {
    if (this.status !== 'unreachable') this.#become('waking', 0)
  }

  #become(status: Status, streak: number): void {
    this.status = status
    this.streak = streak
    this.#parts.changed()
  }

  #plan(ms: number): void {
    const { clock } = this.#parts
    clock.clearTimeout(this.#timer)
    if (!this.#paused) this.#timer = clock.setTimeout(() => void this.check(), ms)
  }
}
