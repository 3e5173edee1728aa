import type { Database } from '../core/database.ts'

export type MailKind = 'confirmation' | 'cancellation' | 'refund'

export type Mail = { orderId: string; kind: MailKind; recipient: string; subject: string; body: string }

/** Sends mails of orders, each kind once for an order, however often it is asked; rejects when it cannot be reached. */
export type Mails = { send(mail: Mail): Promise<void> }

/**
 * Writes mails into the table `mails`, whose key keeps them single. From there they go to the mail server of a shop that
 * has one (apps/worker/mail); that of another stays without them.
 */
export function localMails(database: Database): Mails {
  return {
    async send(mail) {
      await database.mail.createMany({ data: mail, skipDuplicates: true })
    },
  }
}

type Order = { id: string; status: string; email: string; totalCents: number; failure: string | null }

/** What there is to tell the customer about an order as it is now; nothing before it is paid. */
export function mailOf({ id, status, email, totalCents, failure }: Order): Mail | undefined {
  const total = (totalCents / 100).toFixed(2)
  const mail = (kind: MailKind, subject: string, body: string): Mail => ({
    ...{ orderId: id, kind, recipient: email },
    ...{ subject, body },
  })
  switch (status) {
    case 'paid':
    case 'completed':
      return mail('confirmation', 'Your order is paid', `We have received ${total} for your order ${id}.`)
    case 'cancelled': {
      const why = failure ? `: ${failure}` : ''
      return mail(
        'cancellation',
        'Your order is cancelled',
        `Your order ${id} is cancelled${why}. What was paid for it goes back to you.`,
      )
    }
    case 'refunded':
      return mail('refund', 'Your order is refunded', `${total} for your order ${id} goes back to you.`)
    default:
      return undefined
  }
}
