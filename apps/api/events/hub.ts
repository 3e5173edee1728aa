import { setTimeout as sleep } from 'node:timers/promises'
import type { OutboxEvent } from '../../core/outbox.ts'
import { startAfter } from './cursor.ts'
import { type Drainable, type Drained, drain } from './drain.ts'
import type { Feed } from './feed.ts'

/** A connected client, whatever carries its events. */
export type Client = Drainable & {
  readonly open: boolean
  /** Says where it begins; `replaying` if it named an event of its own. */
  greet(cursor: bigint, replaying: boolean): void
  /** Resolves once the client has taken the events, at the latest when it is gone. */
  send(events: OutboxEvent[]): Promise<void>
  signOfLife(): void
}

/** Every event client of this process. */
export class EventHub {
  #feed: Feed
  #clients = new Set<Client>()
  #closing = false

  #pause: (ms: number) => Promise<unknown>

  constructor(feed: Feed, pause: (ms: number) => Promise<unknown> = sleep) {
    this.#feed = feed
    this.#pause = pause
  }

  get size(): number {
    return this.#clients.size
  }

  /** Finds where a client begins; fails, before anything was sent, if the database cannot tell. */
  async locate(requested: bigint | undefined): Promise<bigint> {
    return startAfter(requested, await this.#feed.newest())
  }

  /** Serves a client until it is gone. */
  async serve(client: Client, cursor: bigint, replaying: boolean): Promise<void> {
    client.greet(cursor, replaying)
    if (this.#closing) return client.end()
    this.#clients.add(client)
    const leave = this.#feed.join()
    try {
      let at = cursor
      while (client.open) {
        const events = await this.#next(at)
        if (!client.open) break
        if (events.length === 0) client.signOfLife()
        else await client.send(events)
        at = events.at(-1)?.id ?? at
      }
    } finally {
      leave()
      this.#clients.delete(client)
    }
  }

  /** Ends the streams that are open now; those that come later are served. */
  drain(windowMs: number): Promise<Drained> {
    const open = [...this.#clients].filter((client) => client.open)
    return drain(open, windowMs, this.#pause)
  }

  /** Ends all streams, also those that come later. */
  close(windowMs: number): Promise<Drained> {
    this.#closing = true
    return this.drain(windowMs)
  }

  /** While the database is away, clients wait where they are: they have lost nothing. */
  async #next(cursor: bigint): Promise<OutboxEvent[]> {
    try {
      return await this.#feed.after(cursor)
    } catch {
      await this.#feed.pulse()
      return []
    }
  }
}
