import { Prisma } from '../../../prisma/generated/client.ts'
import type { Database } from '../../core/database.ts'

/** A mail that somebody has taken in order to send it; `attempts` counts this one too. */
export type ClaimedMail = {
  id: string
  kind: string
  recipient: string
  subject: string
  /** Plain text. */
  body: string
  attempts: number
  createdAt: Date
}

/** Mails that wait for a mail server. */
export type MailOutbox = {
  /** Tells the mails of one outbox from those of another. */
  name: string
  /** Leaves mails from before this as recorded that were never tried; answers their number. */
  retire(before: Date): Promise<number>
  /** Takes the mail that is due for longest; nobody else gets it before `until`. */
  claim(now: Date, until: Date): Promise<ClaimedMail | undefined>
  /** A mail server has taken it. */
  sent(mail: ClaimedMail, at: Date): Promise<void>
  /** To be tried again, unless somebody else has taken it meanwhile. */
  deferred(mail: ClaimedMail, why: string, next: Date): Promise<void>
  /** Never to be tried again, unless somebody else has taken it meanwhile. */
  givenUp(mail: ClaimedMail, status: 'bounced' | 'expired', why: string): Promise<void>
}

const RETIRED_AT_ONCE = 1000

/**
 * The outbox in a table: `mails` are those of orders, `outgoing_mails` all others. A claim is a lease, kept in
 * next_attempt_at: a sender that dies with it needs no cleaning up, its mail is due again when the lease ends.
 */
export function mailOutbox(database: Database, name: 'mails' | 'outgoing_mails'): MailOutbox {
  const table = Prisma.raw(`"${name}"`)
  /** `attempts` fences: who was overtaken changes nothing. */
  const owned = ({ id, attempts }: ClaimedMail) =>
    Prisma.sql`id = ${id}::uuid AND attempts = ${attempts} AND status = 'queued'`

  return {
    name,
    async retire(before) {
      for (let retired = 0; ; ) {
        const count = await database.$executeRaw`
          UPDATE ${table} SET status = 'recorded' WHERE id IN (
            SELECT id FROM ${table} WHERE status = 'queued' AND attempts = 0 AND created_at < ${before}
            LIMIT ${RETIRED_AT_ONCE} FOR UPDATE SKIP LOCKED
          )`
        retired += count
        if (count < RETIRED_AT_ONCE) return retired
      }
    },
    async claim(now, until) {
      const [mail] = await database.$queryRaw<ClaimedMail[]>`
        UPDATE ${table} SET attempts = attempts + 1, next_attempt_at = ${until}
        WHERE id = (
          SELECT id FROM ${table} WHERE status = 'queued' AND next_attempt_at <= ${now}
          ORDER BY next_attempt_at LIMIT 1 FOR UPDATE SKIP LOCKED
        )
        RETURNING id, kind, recipient, subject, body, attempts, created_at AS "createdAt"`
      return mail
    },
    // Not fenced: it was taken, whoever else is trying now.
    async sent({ id }, at) {
      await database.$executeRaw`
        UPDATE ${table} SET status = 'sent', sent_at = ${at}, failure = NULL
        WHERE id = ${id}::uuid AND status <> 'sent'`
    },
    async deferred(mail, why, next) {
      await database.$executeRaw`
        UPDATE ${table} SET next_attempt_at = ${next}, failure = ${why} WHERE ${owned(mail)}`
    },
    async givenUp(mail, status, why) {
      await database.$executeRaw`
        UPDATE ${table} SET status = ${status}, failure = ${why} WHERE ${owned(mail)}`
    },
  }
}
