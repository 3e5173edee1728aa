import { createTransport } from 'nodemailer'
import { htmlOf } from './html.ts'
import type { ClaimedMail } from './outbox.ts'

/**
 * What became of a mail. `deferred`: it may be taken later; `by: 'connection'` says that the server takes none at all
 * now. `refused`: it never will be; `why` are the words of the server.
 */
export type Sending =
  | { outcome: 'accepted' }
  | { outcome: 'deferred'; why: string; by: 'server' | 'connection' }
  | { outcome: 'refused'; why: string }

/** Sends one mail; never rejects. The same `messageId` marks the same mail. */
export type SendMail = (mail: ClaimedMail, messageId: string) => Promise<Sending>

export type SmtpOptions = {
  /** smtp:// or smtps://, with the user's name and password. */
  url: string
  /** The sender, `Name <address>` or an address. */
  from: string
  /** The shop's address, for the foot of a mail. */
  shop: string
}

const TIMEOUTS = {
  dnsTimeout: 10_000,
  connectionTimeout: 10_000,
  greetingTimeout: 10_000,
  socketTimeout: 30_000,
}

/** The address in `Name <address>`. */
export const addressOf = (from: string): string => /<([^<>]+)>$/.exec(from)?.[1] ?? from

/**
 * Sends over SMTP, one connection for each mail: a connection that is kept would make nodemailer repeat by itself what
 * may have been taken.
 */
export function smtpSender({ url, from, shop }: SmtpOptions): SendMail {
  const transport = createTransport({ url, ...TIMEOUTS, disableFileAccess: true, disableUrlAccess: true })
  return async (mail, messageId) => {
    try {
      await transport.sendMail({
        from,
        // As an object, so that no address is read as several.
        to: { name: '', address: mail.recipient },
        envelope: { from: addressOf(from), to: [mail.recipient] },
        messageId,
        date: mail.createdAt,
        subject: mail.subject,
        text: mail.body,
        html: htmlOf(mail, shop),
        headers: { 'Auto-Submitted': 'auto-generated' },
      })
      return { outcome: 'accepted' }
    } catch (error) {
      return judge(error as SmtpError)
    }
  }
}

export type SmtpError = Error & { code?: string; command?: string; responseCode?: number; response?: string }

/**
 * Only the server's 5xx about this mail is for ever. One about the login, the greeting or the sender is not about the
 * mail: somebody will repair that, and the mail is still good.
 */
export function judge({ message, code, command, responseCode = 0, response }: SmtpError): Sending {
  const why = (response ?? message).replaceAll(/\s+/g, ' ').slice(0, 500)
  const aboutMail = (code === 'EENVELOPE' && command !== 'MAIL FROM') || code === 'EMESSAGE'
  if (aboutMail && responseCode >= 500) return { outcome: 'refused', why }
  // The address itself cannot be written in an envelope: no server was asked.
  if (code === 'EENVELOPE' && responseCode === 0) return { outcome: 'refused', why }
  return { outcome: 'deferred', why, by: aboutMail && responseCode !== 421 ? 'server' : 'connection' }
}
