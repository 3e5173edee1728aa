export type Way = 'socket' | 'stream'

const FAILURES_BEFORE_STREAM = 3
const STREAM_FOR_MS = 600_000

/**
 * Which way the next connection takes. Three WebSockets in a row that do not open may mean that a proxy lets none
 * through, or that the server is away: a stream that opens tells it is the proxy, one that fails as well that it is not.
 */
export class Route {
  #failed = 0
  #streamUntil = Number.NEGATIVE_INFINITY
  #sockets: boolean

  constructor(sockets: boolean) {
    this.#sockets = sockets
  }

  next(now: number): Way {
    const blocked = this.#failed >= FAILURES_BEFORE_STREAM || now < this.#streamUntil
    return this.#sockets && !blocked ? 'socket' : 'stream'
  }

  opened(way: Way, now: number): void {
    this.#failed = 0
    if (way === 'stream') this.#streamUntil = now + STREAM_FOR_MS
  }

  failed(way: Way): void {
    if (way === 'socket') this.#failed += 1
    else {
      this.#failed = 0
      this.#streamUntil = Number.NEGATIVE_INFINITY
    }
  }
}
