import { type Clock, systemClock } from '../failover/clock.ts'
import type { Fetch } from '../failover/health.ts'
import { browserPage, type Page } from '../failover/page.ts'
import { Connection } from './connection.ts'
import type { PositionStorage } from './position.ts'
import type { ConnectionState, ShopEvent, SocketConstructor } from './types.ts'

export type { ConnectionState, ShopEvent }

export type EventsOptions = {
  /** Where the API is: an origin, '' for this page's own, or a function that tells it at each attempt. */
  url: string | (() => string)
  /** The access token, undefined for guests; `fresh` asks for another one, since the last was refused. */
  token?: (fresh: boolean) => string | undefined | Promise<string | undefined>
  /** Each event once, in order of ids. */
  onEvent: (event: ShopEvent) => void
  onState?: (state: ConnectionState) => void
  /** Where the position outlives the page, such as `sessionStorage`. */
  storage?: PositionStorage
  /** `null` where there are none: events then come as a stream over HTTP. */
  WebSocket?: SocketConstructor | null
  fetch?: Fetch
  clock?: Clock
  random?: () => number
  page?: Page
  /** A connection that is silent for so long is given up (default 45 s; the server speaks at least every 15 s). */
  silenceMs?: number
}

export type Events = {
  readonly state: ConnectionState
  /** Connects anew and at once: after signing in or out, or when another backend is in use. */
  reconnect(): void
  /** Ends it for good. */
  close(): void
}

/**
 * Follows the events of the shop across restarts, switches and lost networks: it continues after the newest id seen,
 * so nothing is missed, and drops what it has seen, so nothing comes twice. WebSocket first; where a proxy lets none
 * through, an event stream, and after ten minutes WebSocket again.
 */
export function connectEvents(options: EventsOptions): Events {
  const scope = globalThis as { WebSocket?: unknown; location?: { origin: string } }
  const own = () => scope.location?.origin ?? ''
  const given = options.url
  const connection = new Connection({
    fetch: (url, init) => globalThis.fetch(url, init),
    clock: systemClock,
    random: Math.random,
    page: browserPage(),
    silenceMs: 45_000,
    token: () => undefined,
    onState: () => {},
    ...options,
    url: () => ((typeof given === 'function' ? given() : given) || own()).replace(/\/+$/, ''),
    WebSocket:
      options.WebSocket === undefined
        ? (scope.WebSocket as SocketConstructor | undefined)
        : options.WebSocket,
  })
  connection.open()
  return {
    get state() {
      return connection.state
    },
    reconnect: () => connection.reconnect(),
    close: () => connection.close(),
  }
}
