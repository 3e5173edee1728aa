import type { Log } from '../core/log.ts'

export type SweeperParts = {
  /** A page of the ids of orders that were pending before a moment, in the order of ids, after an id. */
  pending: (before: Date, after: string | undefined, limit: number) => Promise<string[]>
  start: (orderId: string) => Promise<'started' | 'closed'>
  log: Pick<Log, 'info' | 'warn'>
  now?: () => number
}

/** An order younger than this is still in the hands of the API process that took it. */
const GRACE_MS = 3000
const PAGE = 200

/**
 * Starts the workflows that the API could not start, because Temporal was away or the process ended between commit
 * and start. Starting twice is harmless, so any number of processes may sweep at the same time.
 */
export class OrderSweeper {
  #parts: Required<SweeperParts>
  /** orders whose workflow is known to exist; only those that are still pending are kept */
  #known = new Set<string>()
  #failing = false
  #sweeping = false

  constructor(parts: SweeperParts) {
    this.#parts = { now: Date.now, ...parts }
  }

  /** Looks once. Never fails: what goes wrong is logged once, and the next look tries again. */
  async sweep(): Promise<number> {
    if (this.#sweeping) return 0 // a slow database: one look at a time is enough
    this.#sweeping = true
    try {
      const started = await this.#sweepPages()
      if (this.#failing) this.#parts.log.info('sweeping orders works again')
      this.#failing = false
      if (started > 0) this.#parts.log.info({ orders: started }, 'started workflows that were missing')
      return started
    } catch (error) {
      if (!this.#failing) this.#parts.log.warn({ err: error }, 'cannot sweep orders: trying again')
      this.#failing = true
      return 0
    } finally {
      this.#sweeping = false
    }
  }

  async #sweepPages(): Promise<number> {
    const before = new Date(this.#parts.now() - GRACE_MS)
    const seen = new Set<string>()
    let started = 0
    let page: string[] = []
    do {
      page = await this.#parts.pending(before, page.at(-1), PAGE)
      for (const id of page) {
        if (!this.#known.has(id)) started += await this.#startOne(id)
        seen.add(id)
      }
    } while (page.length === PAGE)
    this.#known = seen
    return started
  }

  async #startOne(id: string): Promise<number> {
    const outcome = await this.#parts.start(id)
    this.#known.add(id)
    if (outcome === 'started') return 1
    this.#parts.log.warn({ orderId: id }, 'the workflow of this order is over, and yet the order is pending')
    return 0
  }
}
