import type { Log } from '../../core/log.ts'
import { isAlone, type Routing } from './pollers.ts'

export type TakeOverParts = {
  /** The version of this process, `deployment:build`. */
  own: string
  see: () => Promise<Routing>
  /** Makes `own` current in place of a version; false if another one is current meanwhile. */
  replace: (current: string) => Promise<boolean>
  log: Pick<Log, 'info' | 'warn'>
  now: () => number
}

/** Workers that lost the server for a moment, such as while it starts again, are back within this time. */
const GRACE_MS = 5000

/**
 * Sees to it that workflows have workers when nobody moves the current version: at the first start of all, and when workers
 * of another release were started by hand.
 */
export class TakeOver {
  readonly #parts: TakeOverParts
  #alone: { since: number; current: string } | undefined
  #failing = false

  constructor(parts: TakeOverParts) {
    this.#parts = parts
  }

  /** One look. Never rejects: the next one tries again. */
  async look(): Promise<void> {
    const { own, see, replace, log } = this.#parts
    try {
      const routing = await see()
      if (this.#isDue(routing) && (await replace(routing.current))) {
        this.#alone = undefined
        const before = routing.current || 'workers without versions'
        log.info({ version: own, before }, `version ${own} is current now: nobody works for ${before}`)
      }
      this.#failing = false
    } catch (error) {
      if (!this.#failing) log.warn({ err: error, version: own }, `cannot look after ${own}: trying again`)
      this.#failing = true
    }
  }

  #isDue(routing: Routing): boolean {
    const now = this.#parts.now()
    if (!isAlone(routing, this.#parts.own, now)) {
      this.#alone = undefined
      return false
    }
    if (this.#alone?.current !== routing.current) this.#alone = { since: now, current: routing.current }
    // The other release's workers do not come back as workers without versions.
    return routing.current === '' || now - this.#alone.since >= GRACE_MS
  }
}
