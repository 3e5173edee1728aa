/** A process that sends what is queued until it is killed: DATABASE_URL, SMTP_URL and LEASE_MS are its environment. */
import { pino } from 'pino'
import { openDatabase } from '../../../apps/core/database.ts'
import { MailDelivery } from '../../../apps/worker/mail/delivery.ts'
import { mailOutbox } from '../../../apps/worker/mail/outbox.ts'
import { smtpSender } from '../../../apps/worker/mail/smtp.ts'

const { DATABASE_URL = '', SMTP_URL = '', LEASE_MS = '1000' } = process.env
const database = openDatabase({ DATABASE_URL, DATABASE_POOL: 2 }, undefined, 'service')
const delivery = new MailDelivery({
  outboxes: [mailOutbox(database, 'mails')],
  send: smtpSender({ url: SMTP_URL, from: 'The Shop <shop@example.com>', shop: 'http://localhost' }),
  domain: 'example.com',
  log: pino({ level: 'warn' }),
  leaseMs: Number(LEASE_MS),
})
process.stdout.write('sending\n')
setInterval(() => void delivery.deliver(), 50)
