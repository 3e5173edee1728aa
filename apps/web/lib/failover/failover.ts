import { Backend, type Timing } from './backend.ts'
import { attemptOrder, choose, type Status } from './choose.ts'
import { type Clock, systemClock } from './clock.ts'
import { type Fetch, within } from './health.ts'
import { browserPage, type Page } from './page.ts'
import { isUnavailable, mayRepeat } from './retry.ts'

export type { Clock, Fetch, Page, Status, Timing }

const TIMING: Timing = {
  checkEveryMs: 30_000,
  answerWithinMs: 5_000,
  wakeWithinMs: 60_000,
  sleepsAfterMs: 300_000,
  firstRetryMs: 1_000,
  maximumRetryMs: 60_000,
}

export type FailoverOptions = {
  /** Addresses of the backends, the preferred first: origins such as `https://api.example.com`, or '' for this one. */
  backends: readonly string[]
  fetch?: Fetch
  clock?: Clock
  random?: () => number
  page?: Page
  timing?: Partial<Timing>
  /** A preferred backend is returned to after so many healthy checks in a row (default 3). */
  steady?: number
  /** A request that may be repeated gets so many milliseconds to be answered before the next backend is tried. */
  requestWithinMs?: number
}

export type FailoverState = {
  readonly current: string
  readonly backends: readonly { readonly url: string; readonly status: Status }[]
}

export type Failover = {
  /** The address of the backend in use. */
  readonly current: string
  /** The same object until something changes. */
  readonly state: FailoverState
  /**
   * `fetch` of a path on the backend in use. What may be repeated without harm is tried on the next ones, one at a
   * time and each at most once, when there is no answer or 502, 503 or 504; when none does better, the last such
   * answer is the result. Errors: those of `fetch` of the last backend tried; the reason of `init.signal`.
   */
  fetch(path: string, init?: RequestInit): Promise<Response>
  /** Calls back with each new state; returns the way out. */
  subscribe(listener: (state: FailoverState) => void): () => void
  /** Ends all checks. */
  close(): void
}

/** Looks after an ordered list of backends that are doors to one system. Errors: an empty list. */
export function createFailover(options: FailoverOptions): Failover {
  if (options.backends.length === 0) throw new TypeError('at least one backend is needed')
  const {
    fetch = (url, init) => globalThis.fetch(url, init),
    clock = systemClock,
    page = browserPage(),
    random = Math.random,
    steady = 3,
    requestWithinMs = 30_000,
  } = options
  const timing = { ...TIMING, ...options.timing }
  const parts = { fetch, clock, random, timing, changed: () => review() }
  const backends = options.backends.map((url) => new Backend(url.replace(/\/+$/, ''), parts))
  const listeners = new Set<(state: FailoverState) => void>()
  let current = 0
  let state = snapshot()

  function snapshot(): FailoverState {
    const seen = backends.map(({ url, status }) => ({ url, status }))
    return { current: at(current).url, backends: seen }
  }

  function at(index: number): Backend {
    return backends[index] as Backend
  }

  function review(): void {
    const held = current
    const before = state
    current = choose(backends, current, steady)
    state = snapshot()
    if (sameState(before, state)) {
      state = before
      return
    }
    for (const listener of [...listeners]) listener(state)
    // Those that may be needed next are woken now rather than at their next turn.
    if (before.backends[held]?.status === 'healthy' && at(held).status !== 'healthy') wakeAllBut(held)
  }

  function wakeAllBut(unwell: number): void {
    for (const [index, backend] of backends.entries()) {
      if (index !== unwell && backend.status !== 'unreachable') void backend.check()
    }
  }

  async function attempt(
    backend: Backend,
    path: string,
    init: RequestInit,
    limitMs: number,
  ): Promise<Response> {
    const since = clock.now()
    const send = (signal: AbortSignal | null | undefined) =>
      fetch(`${backend.url}${path}`, { ...init, ...(signal ? { signal } : {}) })
    try {
      const limited = Number.isFinite(limitMs)
      const response = await (limited ? within(clock, limitMs, init.signal, send) : send(init.signal))
      if (isUnavailable(response.status)) backend.refused()
      else backend.answered()
      return response
    } catch (error) {
      if (!init.signal?.aborted) backend.failed(since)
      throw error
    }
  }

  async function request(path: string, init: RequestInit = {}): Promise<Response> {
    if (!/^\/(?![/\\])/.test(path)) throw new TypeError(`a path should begin with one slash: ${path}`)
    init.signal?.throwIfAborted()
    const order = mayRepeat(init) ? attemptOrder(backends, current) : [current]
    let refusal: Response | undefined
    let failure: unknown
    for (const [turn, index] of order.entries()) {
      const last = turn === order.length - 1
      try {
        const response = await attempt(
          at(index),
          path,
          init,
          last ? Number.POSITIVE_INFINITY : requestWithinMs,
        )
        refusal?.body?.cancel().catch(() => {})
        if (!isUnavailable(response.status)) return response
        refusal = response
      } catch (error) {
        if (init.signal?.aborted) throw error
        failure = error
      }
    }
    if (refusal) return refusal
    throw failure
  }

  const attend = () => {
    for (const backend of backends) page.hidden ? backend.pause() : backend.resume()
  }
  const leave = page.subscribe(attend)
  attend()

  return {
    get current() {
      return state.current
    },
    get state() {
      return state
    },
    fetch: request,
    subscribe(listener) {
      listeners.add(listener)
      return () => void listeners.delete(listener)
    },
    close() {
      leave()
      listeners.clear()
      for (const backend of backends) backend.close()
    },
  }
}

const sameState = (a: FailoverState, b: FailoverState): boolean =>
  a.current === b.current && a.backends.every(({ status }, index) => b.backends[index]?.status === status)
