import type { OutboxEvent } from '../../core/outbox.ts'

export type EventSource = {
  read(after: bigint, limit: number): Promise<OutboxEvent[]>
  newest(): Promise<bigint>
}

export type FeedOptions = {
  pollMs?: number
  pulseMs?: number
  kept?: number
  page?: number
  onLost?: (error: unknown) => void
}

/**
 * The outbox as every client of this process reads it: one poller keeps the newest events in memory, and a client
 * asks for what follows its own cursor. Nothing is ever pushed, so there is no seam between replay and live, and a
 * slow client keeps nothing in memory but its cursor.
 */
export class Feed {
  #source: EventSource
  #options: Required<FeedOptions>
  #readers = 0
  #polling = false
  #recent: OutboxEvent[] = []
  /** #recent holds every event after #floor up to #position; undefined until the first look. */
  #floor = 0n
  #position: bigint | undefined
  #news = Promise.withResolvers<void>()
  #wake = () => {}
  #woken = false

  constructor(source: EventSource, options: FeedOptions = {}) {
    this.#source = source
    this.#options = { pollMs: 250, pulseMs: 15_000, kept: 1000, page: 200, onLost: () => {}, ...options }
  }

  /** How often a reader without news gets an empty answer, in ms. */
  get pulseMs(): number {
    return this.#options.pulseMs
  }

  /** The id of the newest event there is. */
  newest(): Promise<bigint> {
    return this.#source.newest()
  }

  /** Reads as long as anybody does; returns the function that ends it. */
  join(): () => void {
    this.#readers++
    if (!this.#polling) void this.#poll()
    let left = false
    return () => {
      if (left) return
      left = true
      if (--this.#readers === 0) this.wake()
    }
  }

  /** Look now. */
  wake(): void {
    this.#woken = true
    this.#wake()
  }

  /**
   * The events after the cursor, at most a page of them. Waits for news if there are none; an empty answer means
   * that a pulse passed without any: time for a sign of life.
   */
  async after(cursor: bigint): Promise<OutboxEvent[]> {
    if (this.#position === undefined || cursor >= this.#position) await this.#news.promise
    if (this.#position === undefined || cursor >= this.#position) return []
    if (cursor < this.#floor) return this.#source.read(cursor, this.#options.page)
    const first = this.#recent.findLastIndex((event) => event.id <= cursor) + 1
    return this.#recent.slice(first, first + this.#options.page)
  }

  /** Resolves at the next news or pulse. */
  pulse(): Promise<void> {
    return this.#news.promise
  }

  #announce(): void {
    const announced = this.#news
    this.#news = Promise.withResolvers()
    announced.resolve()
  }

  async #poll(): Promise<void> {
    const { pollMs, pulseMs, page, onLost } = this.#options
    let lastPulse = Date.now()
    let lost = false
    this.#polling = true
    while (this.#readers > 0) {
      this.#woken = false
      let full = false
      try {
        full = (await this.#look()) === page
        if (lost) this.#announce()
        lost = false
      } catch (error) {
        if (!lost) onLost(error)
        lost = true
      }
      if (Date.now() - lastPulse >= pulseMs) {
        lastPulse = Date.now()
        this.#announce()
      }
      if (!full) await this.#pause(lost ? pollMs * 4 : pollMs)
    }
    this.#polling = false
    // What is kept goes stale from here; the next reader starts afresh.
    this.#position = undefined
    this.#recent = []
    this.#announce()
  }

  async #look(): Promise<number> {
    if (this.#position === undefined) {
      this.#position = this.#floor = await this.#source.newest()
      this.#announce()
      return 0
    }
    const events = await this.#source.read(this.#position, this.#options.page)
    const last = events.at(-1)
    if (!last) return 0
    this.#recent.push(...events)
    this.#position = last.id
    const surplus = this.#recent.length - this.#options.kept
    if (surplus > 0) this.#floor = this.#recent.splice(0, surplus).at(-1)?.id ?? this.#floor
    this.#announce()
    return events.length
  }

  #pause(ms: number): Promise<void> {
    if (this.#woken) return Promise.resolve()
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, ms)
      this.#wake = () => {
        clearTimeout(timer)
        resolve()
      }
    })
  }
}
