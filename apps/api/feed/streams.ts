import { setTimeout as sleep } from 'node:timers/promises'
import { type Drainable, type Drained, drain } from '../events/drain.ts'

/** The feed's event streams of this process. */
export class FeedStreams {
  #open = new Set<Drainable>()
  #closing = false
  #pause: (ms: number) => Promise<unknown>

  constructor(pause: (ms: number) => Promise<unknown> = sleep) {
    this.#pause = pause
  }

  get size(): number {
    return this.#open.size
  }

  /** Serves a stream for as long as `work` takes; one that comes when all are closed is ended at once. */
  async serve(stream: Drainable, work: () => Promise<void>): Promise<void> {
    this.#open.add(stream)
    if (this.#closing) stream.end()
    try {
      await work()
    } finally {
      this.#open.delete(stream)
    }
  }

  /** Ends the streams that are open now; those that come later are served. */
  drain(windowMs: number): Promise<Drained> {
    return drain(this.#open, windowMs, this.#pause)
  }

  /** Ends all streams, also those that come later. */
  close(windowMs: number): Promise<Drained> {
    this.#closing = true
    return this.drain(windowMs)
  }
}
