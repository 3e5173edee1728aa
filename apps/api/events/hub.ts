import { setTimeout as sleep } from 'node:timers/promises'
import type { OutboxEvent } from '../../core/outbox.ts'
import { startAfter } from './cursor.ts'
import { type Drainable, type Drained, drain } from './drain.ts'
import type { Feed } from './feed.ts'
import { type Viewer, viewOf } from './viewer.ts'

/** A connected client, whatever carries its events. */
export type Client = Drainable & {
  readonly open: boolean
  /** Says where it begins; `replaying` if it named an event of its own. */
  greet(cursor: bigint, replaying: boolean): void
  /** Resolves once the client has taken the events, at the latest when it is gone. */
  send(events: OutboxEvent[]): Promise<void>
  /** `cursor`: how far it has come, past events that it may not see. */
  signOfLife(cursor: bigint): void
  /** Ends it because its access token has. */
  expire(): void
}

/** For whom a client is served (until `expiresAt`, epoch ms), after which event; `replaying` if it named that itself. */
export type Subscription = {
  viewer: Viewer
  expiresAt?: number | undefined
  cursor: bigint
  replaying: boolean
}

/** Every event client of this process. */
export class EventHub {
  #feed: Feed
  #clients = new Set<Client>()
  #closing = false

  #pause: (ms: number) => Promise<unknown>
  #now: () => number

  constructor(feed: Feed, pause: (ms: number) => Promise<unknown> = sleep, now = () => Date.now()) {
    this.#feed = feed
    this.#pause = pause
    this.#now = now
  }

  get size(): number {
    return this.#clients.size
  }

  /** Finds where a client begins; fails, before anything was sent, if the database cannot tell. */
  async locate(requested: bigint | undefined): Promise<bigint> {
    return startAfter(requested, await this.#feed.newest())
  }

  /**
   * Serves a client until it is gone, or its token has expired: then it is ended at the next event or pulse. Events that
   * its viewer may not see move its cursor all the same, and signs of life tell it how far: else it would have all of
   * them looked through again when it comes back.
   */
  async serve(
    client: Client,
    { viewer, expiresAt = Infinity, cursor, replaying }: Subscription,
  ): Promise<void> {
    client.greet(cursor, replaying)
    if (this.#closing) return client.end()
    this.#clients.add(client)
    const leave = this.#feed.join()
    try {
      let at = cursor
      let quietSince = this.#now()
      while (client.open) {
        const page = await this.#next(at)
        if (!client.open) break
        if (this.#now() >= expiresAt) return client.expire()
        const seen = page.flatMap((event) => viewOf(event, viewer) ?? [])
        at = page.at(-1)?.id ?? at
        if (seen.length > 0) {
          await client.send(seen)
        } else {
          // Never two in a row: a client is given the time to answer the first.
          if (this.#now() - quietSince < this.#feed.pulseMs / 2) continue
          client.signOfLife(at)
        }
        quietSince = this.#now()
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
