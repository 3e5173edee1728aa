import type { Page } from '../../../../apps/web/lib/failover/page.ts'
import type { FakeClock } from '../fake-clock.ts'

export type Behaviour = 'healthy' | 'degraded' | 'refused' | 'hanging' | 'unavailable' | 'asleep'

export type Call = { host: string; path: string; method: string; at: number }

/** Backends that behave as told. One that sleeps wakes `wakesInMs` after the first request that reaches it. */
export class FakeNetwork {
  readonly calls: Call[] = []
  readonly behaviour = new Map<string, Behaviour>()
  wakesInMs = 20_000
  /** The most requests of one path that were under way at the same time. */
  readonly mostAtOnce = new Map<string, number>()
  #clock: FakeClock
  #underWay = new Map<string, number>()

  constructor(clock: FakeClock, behaviour: Record<string, Behaviour>) {
    this.#clock = clock
    for (const [host, how] of Object.entries(behaviour)) this.behaviour.set(host, how)
  }

  readonly fetch = async (url: string, init: RequestInit = {}): Promise<Response> => {
    const { host, pathname } = new URL(url)
    this.calls.push({ host, path: pathname, method: init.method ?? 'GET', at: this.#clock.now() })
    const key = pathname === '/api/health' ? `${host}${pathname}` : pathname
    const now = (this.#underWay.get(key) ?? 0) + 1
    this.#underWay.set(key, now)
    this.mostAtOnce.set(key, Math.max(now, this.mostAtOnce.get(key) ?? 0))
    try {
      return await this.#answer(host, pathname, init.signal ?? undefined)
    } finally {
      this.#underWay.set(key, (this.#underWay.get(key) ?? 0) - 1)
    }
  }

  async #answer(host: string, path: string, signal: AbortSignal | undefined): Promise<Response> {
    signal?.throwIfAborted()
    const how = this.behaviour.get(host)
    if (how === 'refused') throw new TypeError('fetch failed')
    if (how === 'hanging') await aborted(signal)
    if (how === 'asleep') await Promise.race([this.#wake(host), aborted(signal)])
    if (how === 'unavailable') return Response.json({ error: 'not available' }, { status: 503 })
    if (path !== '/api/health') return Response.json({ host })
    return Response.json({ status: how === 'degraded' ? 'degraded' : 'healthy' })
  }

  #wake(host: string): Promise<void> {
    return new Promise((resolve) => {
      this.#clock.setTimeout(() => {
        this.behaviour.set(host, 'healthy')
        resolve()
      }, this.wakesInMs)
    })
  }

  /** How often a host was asked how it is. */
  checks(host: string): Call[] {
    return this.calls.filter((call) => call.host === host && call.path === '/api/health')
  }

  /** The hosts that a path was sent to, in order. */
  sent(path: string): string[] {
    return this.calls.filter((call) => call.path === path).map((call) => call.host)
  }
}

const aborted = (signal: AbortSignal | undefined): Promise<never> =>
  new Promise((_, reject) => signal?.addEventListener('abort', () => reject(signal.reason)))

/** A page that a test hides, shows and brings online. */
export function fakePage(): Page & { set(hidden: boolean): void } {
  let hidden = false
  let changed = () => {}
  return {
    get hidden() {
      return hidden
    },
    subscribe(listener) {
      changed = listener
      return () => {
        changed = () => {}
      }
    },
    set(next) {
      hidden = next
      changed()
    },
  }
}
