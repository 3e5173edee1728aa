import { setTimeout as delay } from 'node:timers/promises'
import type { Log } from '../../core/log.ts'
import type { ClaimedMail, MailOutbox } from './outbox.ts'
import type { SendMail } from './smtp.ts'

export type DeliveryParts = {
  outboxes: MailOutbox[]
  send: SendMail
  /** What Message-IDs end in: the domain of the sender. */
  domain: string
  log: Pick<Log, 'info' | 'warn' | 'error'>
  now?: () => number
  /** In [0, 1). */
  random?: () => number
  sleep?: (ms: number) => Promise<unknown>
  /** For how long a mail belongs to whoever took it; longer than any sending lasts. */
  leaseMs?: number
}

const LEASE_MS = 300_000
const LANES = 4
const MARK_AGAIN_MS = 1000
const FIRST_PAUSE_MS = 15_000
const LONGEST_PAUSE_MS = 3_600_000
const LONGEST_REST_MS = 120_000
/** What is older is not sent any more: news of an order is of no use by then. */
const LIFETIME_MS = 3 * 86_400_000

/**
 * Sends what waits in outboxes. Any number of processes may do so at once. A mail is taken, sent, and then marked, so one
 * that a server has accepted is not sent again, but for one case: a sender that dies, or whose line is cut, between the
 * acceptance and the mark. Its mail goes out a second time under the same Message-ID, by which mail systems drop doubles.
 */
export class MailDelivery {
  readonly #parts: Required<DeliveryParts>
  #running: Promise<number> | undefined
  #retired = false
  #stopping = false
  #restUntil = 0
  #failures = 0

  constructor(parts: DeliveryParts) {
    this.#parts = { now: Date.now, random: Math.random, sleep: delay, leaseMs: LEASE_MS, ...parts }
  }

  /** Sends all that is due; answers how many were accepted. Never fails: what goes wrong is tried again later. */
  deliver(): Promise<number> {
    this.#running ??= this.#deliver().finally(() => {
      this.#running = undefined
    })
    return this.#running
  }

  /** Takes nothing more and resolves when the mails under way are sent. */
  async stop(): Promise<void> {
    this.#stopping = true
    await this.#running
  }

  async #deliver(): Promise<number> {
    const counts: number[] = []
    try {
      await this.#retire()
      for (const outbox of this.#parts.outboxes) {
        counts.push(...(await Promise.all(Array.from({ length: LANES }, () => this.#lane(outbox)))))
      }
    } catch (error) {
      this.#parts.log.warn({ err: error }, 'mails wait for the database')
    }
    return counts.reduce((sum, count) => sum + count, 0)
  }

  /** Once: what a shop wrote down while it had no mail server is no news any more. */
  async #retire(): Promise<void> {
    if (this.#retired) return
    const { outboxes, log, now } = this.#parts
    for (const outbox of outboxes) {
      const mails = await outbox.retire(new Date(now() - LIFETIME_MS))
      if (mails > 0) log.info({ mails }, 'mails from before there was a mail server stay unsent')
    }
    this.#retired = true
  }

  /** One mail after the other, until none is due or the server takes none. */
  async #lane(outbox: MailOutbox): Promise<number> {
    const { now, leaseMs } = this.#parts
    for (let accepted = 0; ; ) {
      if (this.#stopping || now() < this.#restUntil) return accepted
      const mail = await outbox.claim(new Date(now()), new Date(now() + leaseMs))
      if (!mail) return accepted
      if (await this.#send(outbox, mail)) accepted += 1
    }
  }

  async #send(outbox: MailOutbox, mail: ClaimedMail): Promise<boolean> {
    const { send, domain, log, now } = this.#parts
    const about = { mail: mail.id, kind: mail.kind, attempt: mail.attempts }
    if (now() - mail.createdAt.getTime() > LIFETIME_MS) {
      await outbox.givenUp(mail, 'expired', 'not sent within 3 days')
      log.error(about, 'a mail was too old to be sent')
      return false
    }
    const sending = await send(mail, `<${outbox.name}.${mail.id}@${domain}>`)
    if (sending.outcome === 'accepted') {
      await this.#markSent(outbox, mail)
      if (this.#failures > 0) log.info(about, 'the mail server takes mails again')
      this.#failures = 0
      return true
    }
    const { why } = sending
    if (sending.outcome === 'refused') {
      await outbox.givenUp(mail, 'bounced', why)
      log.error({ ...about, why }, 'a mail was refused for good')
      return false
    }
    await outbox.deferred(mail, why, new Date(now() + this.#pause(mail.attempts)))
    if (sending.by === 'connection') this.#rest(why)
    else log.warn({ ...about, why }, 'a mail was put off')
    return false
  }

  /** A database that is away for a while must not make a mail go out twice. */
  async #markSent(outbox: MailOutbox, mail: ClaimedMail): Promise<void> {
    const { now, leaseMs, sleep } = this.#parts
    const at = now()
    for (;;) {
      try {
        return await outbox.sent(mail, new Date(at))
      } catch (error) {
        if (this.#stopping || now() - at > leaseMs / 2) throw error
        await sleep(MARK_AGAIN_MS)
      }
    }
  }

  /** The server is asked less and less often, with one mail at a time, instead of once for each that waits. */
  #rest(why: string): void {
    const { log, now } = this.#parts
    if (now() < this.#restUntil) return
    if (this.#failures++ === 0) log.warn({ why }, 'the mail server takes no mails: trying again')
    this.#restUntil = now() + Math.min(1000 * 2 ** this.#failures, LONGEST_REST_MS)
  }

  /** Between the attempts for one mail: 15 s, 30 s, … 1 h, each a quarter more or less. */
  #pause(attempts: number): number {
    const pause = Math.min(FIRST_PAUSE_MS * 2 ** (attempts - 1), LONGEST_PAUSE_MS)
    return pause * (0.75 + this.#parts.random() / 2)
  }
}
