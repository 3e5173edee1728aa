import type { Log } from '../core/log.ts'

type Page = (after: string | undefined, limit: number) => Promise<string[]>

export type SweeperParts = {
  /** A page of the ids of orders placed before a moment that are not over, in the order of ids, after an id. */
  open: (before: Date, ...page: Parameters<Page>) => Promise<string[]>
  /** A page of the ids of orders that were taken back and whose money is owed, in the order of ids, after an id. */
  owed: Page
  /** Starts the workflow of an order; `again` also if one is over. */
  start: (orderId: string, again: boolean) => Promise<'started' | 'closed'>
  /** Starts the workflow that gives money back, if none runs. */
  refund: (orderId: string) => Promise<void>
  log: Pick<Log, 'info' | 'warn'>
  now?: () => number
}

/** An order younger than this is still in the hands of the API process that took it. */
const GRACE_MS = 3000
const PAGE = 200

/**
 * Starts the workflows that the API could not start, because Temporal was away or the process ended between commit
 * and start, and those that ended before their order did. Starting twice is harmless, so any number of processes may
 * sweep at the same time.
 */
export class OrderSweeper {
  #parts: Required<SweeperParts>
  /** what is known of the workflows of orders; only of those that are still open */
  #open = new Map<string, 'started' | 'closed'>()
  /** orders whose money is owed, and whether that was seen to */
  #owed = new Map<string, 'seen' | 'started'>()
  #failing = false
  #sweeping = false

  constructor(parts: SweeperParts) {
    this.#parts = { now: Date.now, ...parts }
  }

  /** Looks once; answers how many were started. Never fails: what goes wrong is logged once, and the next look tries again. */
  async sweep(): Promise<number> {
    if (this.#sweeping) return 0 // a slow database: one look at a time is enough
    this.#sweeping = true
    try {
      const started = (await this.#sweepOpen()) + (await this.#sweepOwed())
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

  async #sweepOpen(): Promise<number> {
    const { open, start, log, now } = this.#parts
    const before = new Date(now() - GRACE_MS)
    let started = 0
    this.#open = await eachOf(
      (...page) => open(before, ...page),
      this.#open,
      async (id, known) => {
        if (known === 'started') return known
        // It may have ended between our look at the table and at Temporal; on the second look that is ruled out.
        const again = known === 'closed'
        if (again) log.warn({ orderId: id }, 'the workflow of this order is over, and yet the order is not')
        const outcome = await start(id, again)
        if (outcome === 'started') started += 1
        return outcome
      },
    )
    return started
  }

  /** Usually the order's own workflow is about to give the money back: it gets the time until the next look. */
  async #sweepOwed(): Promise<number> {
    const { owed, refund } = this.#parts
    let started = 0
    this.#owed = await eachOf(owed, this.#owed, async (id, known) => {
      if (known === undefined) return 'seen'
      if (known === 'seen') {
        await refund(id)
        started += 1
      }
      return 'started'
    })
    return started
  }
}

/** Goes through all pages; answers what is known afterwards of each order that they name. */
async function eachOf<T>(
  read: Page,
  known: ReadonlyMap<string, T>,
  look: (id: string, known: T | undefined) => Promise<T>,
): Promise<Map<string, T>> {
  const seen = new Map<string, T>()
  let page: string[] = []
  do {
    page = await read(page.at(-1), PAGE)
    for (const id of page) seen.set(id, await look(id, known.get(id)))
  } while (page.length === PAGE)
  return seen
}
