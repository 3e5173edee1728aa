import { setTimeout as sleep } from 'node:timers/promises'
import type { Log } from '../core/log.ts'

/**
 * Something that must have worked once: rejects, with the reason as message, as long as it has not. One that is not
 * `needed` is tried as long, but traffic does not wait for it.
 */
export type FirstContact = { name: string; check: () => Promise<void>; needed?: false }

export type Migrations = { expected: number; applied: number }

/**
 * Whether traffic may be sent here. It is latched: what worked once counts for good, because a dependency that is
 * lost for ten seconds is lost for the other colour too, and taking this one out would only make it worse.
 * Draining is the one way back.
 */
export class Readiness {
  migrations: Migrations = { expected: 0, applied: 0 }
  #waiting = new Map<string, string>()
  #draining = false
  #log: Log

  constructor(log: Log) {
    this.#log = log
  }

  get ready(): boolean {
    return !this.#draining && this.#waiting.size === 0
  }

  /** Why it is not ready, for people. */
  get reason(): string | undefined {
    if (this.#draining) return 'draining'
    if (this.#waiting.size === 0) return undefined
    return `waiting for ${[...this.#waiting].map(([name, reason]) => `${name} (${reason})`).join(', ')}`
  }

  drain(): void {
    this.#draining = true
  }

  /** Tries every contact until it has worked once; resolves when all that are needed have, or when draining begins. */
  async await(contacts: FirstContact[], longestPauseMs: number, pause = sleep): Promise<void> {
    const { needed = [], others = [] } = Object.groupBy(contacts, ({ needed = true }) =>
      needed ? 'needed' : 'others',
    )
    for (const { name } of needed) this.#waiting.set(name, 'not tried yet')
    const tried = (contact: FirstContact) => this.#tryUntilDone(contact, longestPauseMs, pause)
    for (const contact of others) void tried(contact)
    await Promise.all(needed.map(tried))
    if (!this.#draining) this.#log.info({ migrations: this.migrations }, 'ready')
  }

  async #tryUntilDone(
    { name, check }: FirstContact,
    longestPauseMs: number,
    pause: typeof sleep,
  ): Promise<void> {
    let told: string | undefined
    for (let pauseMs = 25; !this.#draining; pauseMs = Math.min(pauseMs * 2, longestPauseMs)) {
      try {
        await check()
        this.#waiting.delete(name)
        return
      } catch (error) {
        const reason = error instanceof Error ? lastLine(error.message) : String(error)
        // The very first tries come before a connection can possibly stand: no news.
        if (pauseMs > 200 && reason !== told) {
          told = reason
          this.#log.info({ waitingFor: name, reason }, this.ready ? 'not there yet' : 'not ready yet')
        }
        if (this.#waiting.has(name)) this.#waiting.set(name, reason)
        await pause(pauseMs, undefined, { ref: false })
      }
    }
  }
}

/** Prisma's messages begin with the place in the source; what happened is in the last line. */
function lastLine(message: string): string {
  const lines = message.split('\n').map((line) => line.trim())
  return lines.filter(Boolean).at(-1) ?? 'unknown'
}
