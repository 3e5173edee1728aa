import { backoff } from '../failover/backoff.ts'
import type { EventsOptions } from './connect.ts'
import { Position } from './position.ts'
import { Route, type Way } from './route.ts'
import { openStream } from './stream.ts'
import type { ConnectionState, End, Listener, Opening, ShopEvent, Transport } from './types.ts'
import { openSocket } from './websocket.ts'

/** The first wait is short enough for a server that is being replaced; all are random parts of these. */
const RECONNECT = { firstMs: 1500, maximumMs: 60_000 }
/** A connection that lived so long was a good one: what fails next is a first failure. */
const PROVEN_MS = 10_000
const OPEN_WITHIN_MS = 15_000

/** Close codes of a server that goes away on purpose, and of one that does not accept the token. */
const SOFT = new Set([1001, 1012])
const REFUSED = new Set([1008, 4401])

export type ConnectionParts = Required<Omit<EventsOptions, 'url' | 'storage' | 'WebSocket'>> &
  Pick<EventsOptions, 'storage' | 'WebSocket'> & { url: () => string }

/** One attempt and what came of it. */
type Attempt = { way: Way; withToken: boolean; openedAt: number | undefined; transport?: Transport }

/** A connection that is opened again until it is closed; at any time it has one attempt or one timer for the next. */
export class Connection {
  state: ConnectionState = 'waiting'
  #parts: ConnectionParts
  #position: Position
  #route: Route
  #attempt: Attempt | undefined
  #failures = 0
  #fresh = false
  #freshAsked = false
  #timer: unknown
  #leave = () => {}

  constructor(parts: ConnectionParts) {
    this.#parts = parts
    this.#position = new Position(parts.storage)
    this.#route = new Route(Boolean(parts.WebSocket))
  }

  open(): void {
    const { page } = this.#parts
    // Shown again or online again: no use in waiting any longer.
    this.#leave = page.subscribe(() => {
      if (this.state === 'waiting' && !page.hidden) void this.#connect()
    })
    void this.#connect()
  }

  reconnect(): void {
    if (this.state === 'closed') return
    this.#abandon()
    this.#failures = 0
    void this.#connect()
  }

  close(): void {
    if (this.state === 'closed') return
    this.#abandon()
    this.#leave()
    this.#become('closed')
  }

  async #connect(): Promise<void> {
    const { clock, token, url } = this.#parts
    clock.clearTimeout(this.#timer)
    const way = this.#route.next(clock.now())
    const attempt: Attempt = { way, withToken: false, openedAt: undefined }
    this.#attempt = attempt
    this.#become('connecting')
    try {
      const bearer = await token(this.#fresh)
      if (this.#attempt !== attempt) return
      this.#fresh = false
      attempt.withToken = bearer !== undefined
      this.#watch(attempt, OPEN_WITHIN_MS)
      const opening = { url: url(), token: bearer, lastEventId: this.#position.last }
      attempt.transport = this.#transport(way, opening, this.#listener(attempt))
    } catch {
      // No token to be had, or WebSockets forbidden here.
      this.#ended(attempt, {})
    }
  }

  #transport(way: Way, opening: Opening, listener: Listener): Transport {
    const { fetch, WebSocket } = this.#parts
    return way === 'socket' && WebSocket
      ? openSocket(WebSocket, opening, listener)
      : openStream(fetch, opening, listener)
  }

  #listener(attempt: Attempt): Listener {
    const { clock, silenceMs } = this.#parts
    const current = () => this.#attempt === attempt
    return {
      opened: () => {
        if (!current()) return
        attempt.openedAt = clock.now()
        this.#freshAsked = false
        this.#route.opened(attempt.way, attempt.openedAt)
        this.#watch(attempt, silenceMs)
        this.#become('open')
      },
      alive: () => {
        if (current()) this.#watch(attempt, silenceMs)
      },
      message: (message) => {
        if (current() && this.#position.take(message)) this.#deliver(message)
      },
      ended: (end) => this.#ended(attempt, end),
    }
  }

  /** What a handler throws is its own: it is reported like any other and does not end the connection. */
  #deliver(event: ShopEvent): void {
    try {
      this.#parts.onEvent(event)
    } catch (error) {
      queueMicrotask(() => {
        throw error
      })
    }
  }

  #ended(attempt: Attempt, end: End): void {
    if (this.#attempt !== attempt) return
    this.#abandon()
    const { clock, random } = this.#parts
    const { way, openedAt, withToken } = attempt
    if (openedAt === undefined) this.#route.failed(way)
    const soft = SOFT.has(end.code ?? 0) || end.retryMs !== undefined
    if (openedAt !== undefined && (soft || clock.now() - openedAt >= PROVEN_MS)) this.#failures = 0
    this.#failures += 1
    if (REFUSED.has(end.code ?? 0) || end.status === 401) this.#fresh = true
    // A WebSocket that does not open keeps its reason to itself; once in a row it may have been the token.
    if (openedAt === undefined && way === 'socket' && withToken && !this.#freshAsked) {
      this.#fresh = this.#freshAsked = true
    }
    const first = this.#failures === 1 ? end.retryMs : undefined
    this.#wait(Math.min(first ?? backoff(this.#failures, RECONNECT, random), RECONNECT.maximumMs))
  }

  #wait(ms: number): void {
    this.#timer = this.#parts.clock.setTimeout(() => void this.#connect(), ms)
    this.#become('waiting')
  }

  /** Gives an attempt up that neither opens nor says anything for so long. */
  #watch(attempt: Attempt, ms: number): void {
    const { clock } = this.#parts
    clock.clearTimeout(this.#timer)
    this.#timer = clock.setTimeout(() => this.#ended(attempt, {}), ms)
  }

  #abandon(): void {
    this.#parts.clock.clearTimeout(this.#timer)
    const transport = this.#attempt?.transport
    this.#attempt = undefined
    transport?.close()
  }

  #become(state: ConnectionState): void {
    if (this.state === state) return
    this.state = state
    this.#parts.onState(state)
  }
}
