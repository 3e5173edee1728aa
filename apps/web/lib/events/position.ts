import type { ShopEvent } from './types.ts'

/** Where the position outlives the page: `sessionStorage` fits. */
export type PositionStorage = {
  getItem(key: string): string | null
  setItem(key: string, value: string): void
}

const KEY = 'ecomweb.last_event_id'

/** The newest id seen, by which a new connection continues and what was seen already is recognised. */
export class Position {
  #last: string | undefined
  #storage: PositionStorage | undefined

  constructor(storage?: PositionStorage) {
    this.#storage = storage
    try {
      this.#last = asId(storage?.getItem(KEY))
    } catch {
      // A browser may forbid storage: the position then lives as long as the page.
    }
  }

  get last(): string | undefined {
    return this.#last
  }

  /**
   * Takes note of a message and tells whether it is an event that was not seen before. `hello` is the server's own
   * position and counts even if it lies behind: then its database was restored and counts anew.
   */
  take({ id, event }: ShopEvent): boolean {
    const given = asId(id)
    if (given === undefined) return false
    if (event !== 'hello' && this.#last !== undefined && BigInt(given) <= BigInt(this.#last)) return false
    this.#keep(given)
    return event !== 'hello' && event !== 'cursor'
  }

  #keep(id: string): void {
    this.#last = id
    try {
      this.#storage?.setItem(KEY, id)
    } catch {
      // Forbidden or full, as above.
    }
  }
}

const LARGEST = 9_223_372_036_854_775_807n // of bigint in PostgreSQL

const asId = (text: string | null | undefined): string | undefined =>
  text && /^\d{1,19}$/.test(text) && BigInt(text) <= LARGEST ? text : undefined
