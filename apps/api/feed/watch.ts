import { setTimeout as sleep } from 'node:timers/promises'
import type { FeedCache } from '../../core/feed/cache.ts'
import type { FeedRefresh, RefreshState } from './ports.ts'

/** Where a stream begins to wait: the version that it has sent, and how the refresh stood before that was asked for. */
export type Before = { version: string; state: RefreshState | 'unknown' }

export type Outcome = { updated: true } | { updated: false; message: string }

type Parts = {
  cache: Pick<FeedCache, 'meta'>
  refresh: Pick<FeedRefresh, 'state'>
  limitMs: number
  pause?: (ms: number) => Promise<unknown>
  now?: () => number
}

const LOOK_MS = 500

/**
 * Tells streams how a refresh ends, wherever it runs: another process or container leaves no trace here but the version
 * on disk and the run in the database. All streams that wait share one look at both.
 */
export class RefreshWatch {
  readonly #parts: Required<Parts>
  #looking: Promise<{ version: string | undefined; state: RefreshState | 'unknown' }> | undefined

  constructor(parts: Parts) {
    this.#parts = { pause: sleep, now: () => performance.now(), ...parts }
  }

  /** Resolves when there is another version, or will be none. Ends early, without a meaning, once aborted. */
  async outcome({ version, state }: Before, signal: AbortSignal): Promise<Outcome> {
    const { limitMs, now } = this.#parts
    const limit = now() + limitMs
    let before = state
    while (!signal.aborted && now() < limit) {
      const found = await this.#look()
      if (found.version !== undefined && found.version !== version) return { updated: true }
      if (found.state === 'unknown') continue
      if (before === 'unknown') before = found.state
      const { running, last } = found.state
      // A refresh that was asked for has not begun while what ended last is the same as before.
      const ended = last && (last.id !== before.last?.id || last.id === before.running?.id)
      if (!running && ended)
        return { updated: false, message: last.failure ?? `The refresh was ${last.status}` }
    }
    return { updated: false, message: 'The refresh did not end in time' }
  }

  async #look() {
    this.#looking ??= this.#read().finally(() => {
      this.#looking = undefined
    })
    return this.#looking
  }

  /** The state first: a refresh that has ended by then has left its version. */
  async #read() {
    const { cache, refresh, pause } = this.#parts
    await pause(LOOK_MS)
    const state = await refresh.state()
    const meta = await cache.meta().catch(() => undefined)
    return { state, version: meta?.id }
  }
}
