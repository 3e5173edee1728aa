import { spawn } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { join } from 'node:path'
import { pino } from 'pino'
import { afterAll, afterEach, beforeAll, expect, onTestFinished, test } from 'vitest'
import type { Database } from '../../../apps/core/database.ts'
import { MailDelivery } from '../../../apps/worker/mail/delivery.ts'
import { mailOutbox } from '../../../apps/worker/mail/outbox.ts'
import { smtpSender } from '../../../apps/worker/mail/smtp.ts'
import { localMails } from '../../../apps/worker/mails.ts'
import { waitUntil } from '../../e2e/harness/wait.ts'
import { type OwnDatabase, ownDatabase } from '../database.ts'
import { startLine } from './mail-line.ts'
import { type MailServer, startMailServer } from './mail-server.ts'

let own: OwnDatabase
let database: Database
let server: MailServer
/** How far the clock of the senders is ahead, in milliseconds. */
let ahead = 0
afterEach(() => {
  ahead = 0
})

beforeAll(async () => {
  ;[own, server] = await Promise.all([ownDatabase(), startMailServer()])
  database = own.open('service')
})

afterAll(async () => {
  await Promise.all([own?.drop(), server?.remove()])
})

const from = 'Der Laden <laden@example.com>'
const senderAt = (
  port: number,
  url = `smtp://127.0.0.1:${port}`,
  table: Parameters<typeof mailOutbox>[1] = 'mails',
) =>
  new MailDelivery({
    outboxes: [mailOutbox(database, table)],
    send: smtpSender({ url, from, shop: 'https://shop.test' }),
    domain: 'example.com',
    log: pino({ level: 'silent' }),
    now: () => Date.now() + ahead,
    random: () => 0.5,
  })

/** Writes a mail of a new order as the order's workflow does; answers its order. */
async function aMail(recipient: string, subject = `Mail ${randomUUID()}`, body = 'Hello.') {
  const orderId = randomUUID()
  await own.sql(
    `INSERT INTO orders (id, email, idempotency_key, request_hash) VALUES ($1::uuid, $2, $1::text, '')`,
    [orderId, recipient],
  )
  const mail = { orderId, kind: 'confirmation', recipient, subject, body } as const
  await localMails(database).send(mail)
  return { ...mail, row: () => database.mail.findFirstOrThrow({ where: { orderId } }) }
}

const has = (mailbox: string[], subject: string) => mailbox.filter((text) => text.includes(subject))
const arrived = (user: string, subject: string, times = 1) =>
  waitUntil(
    `${user} has ${times} of ${subject}`,
    async () => {
      const found = has(await server.mailbox(user), subject)
      return found.length >= times && found
    },
    { timeoutMs: 10_000, everyMs: 100 },
  )

/** A process of its own that sends until it is killed. */
async function aSender(port: number) {
  const child = spawn(process.execPath, [join(import.meta.dirname, 'mail-sender.ts')], {
    env: { ...process.env, DATABASE_URL: own.url, SMTP_URL: `smtp://127.0.0.1:${port}`, LEASE_MS: '1000' },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const kill = async () => {
    if (child.exitCode !== null || child.signalCode !== null) return
    child.kill('SIGKILL')
    await once(child, 'exit')
  }
  onTestFinished(kill)
  await once(child.stdout, 'data')
  return { kill }
}

test('a mail is delivered once, in text and HTML, whatever letters it has, however many send', async () => {
  const subject = 'Grüße 東京 für Ihre Bestellung'
  const mail = await aMail('anna@shop.test', subject, 'Schöne Grüße & <b>kein</b> HTML, 12,50 €.')
  const senders = Array.from({ length: 5 }, () => senderAt(server.port))
  const counts = await Promise.all(senders.map((sender) => sender.deliver()))
  expect(counts.toSorted()).toEqual([0, 0, 0, 0, 1])
  expect(await senders[0]?.deliver()).toBe(0)
  const row = await mail.row()
  const messageId = `<mails.${row.id}@example.com>`
  const [text = '', ...more] = await arrived('anna', messageId)
  expect(more).toEqual([])
  const encoded = [...text.matchAll(/=\?UTF-8\?([BQ])\?([^?]*)\?=/g)].map(([, how, word = '']) =>
    how === 'B' ? Buffer.from(word, 'base64').toString() : unquote(word.replaceAll('_', ' ')),
  )
  expect(encoded.join('')).toBe(subject)
  const [, plain, html] = text.split(/^Content-Transfer-Encoding: quoted-printable$/m)
  expect(unquote(plain ?? '')).toContain('Schöne Grüße & <b>kein</b> HTML, 12,50 €.')
  expect(unquote(html ?? '')).toContain('Schöne Grüße &amp; &lt;b&gt;kein&lt;/b&gt; HTML, 12,50 €.')
  expect(text).toMatch(/^From: Der Laden <laden@example.com>$/m)
  expect(text).toMatch(/^Auto-Submitted: auto-generated$/m)
  expect(row).toMatchObject({ status: 'sent', attempts: 1, failure: null, sentAt: expect.any(Date) })
})

test('an address that nobody has bounces at once, with the words of the server, and holds up nobody', async () => {
  const [unknown, known] = [await aMail('stranger@shop.test'), await aMail('ben@shop.test')]
  expect(await senderAt(server.port).deliver()).toBe(1)
  const row = await unknown.row()
  expect(row).toMatchObject({ status: 'bounced', attempts: 1, sentAt: null })
  expect(row.failure).toMatch(/^550 .*recipient/i)
  expect(await arrived('ben', known.subject)).toHaveLength(1)
  ahead = 86_400_000
  expect(await senderAt(server.port).deliver()).toBe(0)
})

test('an address that is turned away for now is tried again, later and later, until it is taken', async () => {
  await server.turnAway('anna@shop.test')
  onTestFinished(() => server.turnAway())
  const mail = await aMail('anna@shop.test')
  const sender = senderAt(server.port)
  await sender.deliver()
  const first = await mail.row()
  expect(first).toMatchObject({
    status: 'queued',
    attempts: 1,
    failure: expect.stringMatching(/^451 4\.7\.1/),
  })
  expect(await sender.deliver()).toBe(0)
  expect((await mail.row()).attempts).toBe(1)
  ahead = 16_000
  await sender.deliver()
  const second = await mail.row()
  expect(second.attempts).toBe(2)
  expect(+second.nextAttemptAt - Date.now() - ahead).toBeGreaterThan(25_000)
  await server.turnAway()
  ahead = 50_000
  expect(await sender.deliver()).toBe(1)
  expect(await arrived('anna', mail.subject)).toHaveLength(1)
  expect(await mail.row()).toMatchObject({ status: 'sent', attempts: 3, failure: null })
})

test('while the server is down, mails wait, and one of them asks for all', async () => {
  const mails = await Promise.all(Array.from({ length: 12 }, () => aMail('ben@shop.test')))
  const down = await startLine(server.port, () => true)
  down.close()
  const sender = senderAt(down.port)
  expect(await sender.deliver()).toBe(0)
  expect(await sender.deliver()).toBe(0)
  const rows = await Promise.all(mails.map(({ row }) => row()))
  const tried = rows.filter(({ attempts }) => attempts > 0)
  expect(tried.length).toBeLessThanOrEqual(4)
  for (const { failure, status } of tried)
    expect([status, failure]).toEqual(['queued', expect.stringMatching(/ECONNREFUSED/)])
  ahead = 20_000
  expect(await senderAt(server.port).deliver()).toBe(12)
  await Promise.all(mails.map(async ({ subject }) => expect(await arrived('ben', subject)).toHaveLength(1)))
})

test('a sender that is killed while a mail is on its way leaves it to another, which delivers it once', async () => {
  const mail = await aMail('anna@shop.test')
  const line = await startLine(server.port, (from, text) => from === 'client' && text.startsWith('RCPT'))
  onTestFinished(() => line.close())
  const sender = await aSender(line.port)
  await line.dead
  await sender.kill()
  expect(await mail.row()).toMatchObject({ status: 'queued', attempts: 1 })
  await aSender(server.port)
  await waitUntil('it is sent', async () => (await mail.row()).status === 'sent', { everyMs: 100 })
  expect(await mail.row()).toMatchObject({ attempts: 2 })
  expect(await arrived('anna', mail.subject)).toHaveLength(1)
})

test('a sender that is killed before it learns of the acceptance sends a double, under the same Message-ID', async () => {
  const mail = await aMail('anna@shop.test')
  const line = await startLine(server.port, (from, text) => from === 'server' && /^250 .*delivery/.test(text))
  onTestFinished(() => line.close())
  const sender = await aSender(line.port)
  await line.dead
  await sender.kill()
  await aSender(server.port)
  const both = await arrived('anna', mail.subject, 2)
  expect(both.map((text) => /^Message-ID: (.*)$/im.exec(text)?.[1])).toEqual(
    Array(2).fill(`<mails.${(await mail.row()).id}@example.com>`),
  )
})

test('the name and password of the address log in, over a line that was made secret', async () => {
  const mail = await aMail('ben@shop.test')
  const wrong = senderAt(0, `smtp://shop:wrong@localhost:${server.loginPort}/?tls.rejectUnauthorized=false`)
  expect(await wrong.deliver()).toBe(0)
  // Somebody will correct the password: the mail is still good.
  expect(await mail.row()).toMatchObject({ status: 'queued', failure: expect.stringMatching(/^535/) })
  ahead = 20_000
  const untrusted = senderAt(0, `smtp://shop:of-this-test-only@localhost:${server.loginPort}`)
  expect(await untrusted.deliver()).toBe(0)
  ahead = 120_000
  const right = senderAt(
    0,
    `smtp://shop:of-this-test-only@localhost:${server.loginPort}/?tls.rejectUnauthorized=false`,
  )
  expect(await right.deliver()).toBe(1)
  expect(await arrived('ben', mail.subject)).toHaveLength(1)
})

test('what was recorded before there was a mail server is not sent, and neither is what is too old', async () => {
  const [before, untried, tried] = [
    await aMail('anna@shop.test'),
    await aMail('anna@shop.test'),
    await aMail('anna@shop.test'),
  ]
  await own.sql(`UPDATE mails SET status = 'recorded' WHERE order_id = $1`, [before.orderId])
  await own.sql(`UPDATE mails SET created_at = now() - interval '73 hours' WHERE order_id = ANY($1)`, [
    [untried.orderId, tried.orderId],
  ])
  await own.sql('UPDATE mails SET attempts = 9 WHERE order_id = $1', [tried.orderId])
  expect(await senderAt(server.port).deliver()).toBe(0)
  expect((await before.row()).status).toBe('recorded')
  expect((await untried.row()).status).toBe('recorded')
  expect(await tried.row()).toMatchObject({ status: 'expired', failure: 'not sent within 3 days' })
})

test("mails that are no order's are sent the same way", async () => {
  await own.sql(`
    CREATE TABLE IF NOT EXISTS outgoing_mails (
      id uuid PRIMARY KEY DEFAULT gen_random_uuid(), kind text NOT NULL, recipient text NOT NULL,
      subject text NOT NULL, body text NOT NULL, dedup_key text NOT NULL UNIQUE,
      status text NOT NULL DEFAULT 'queued', attempts int NOT NULL DEFAULT 0, failure text,
      created_at timestamptz NOT NULL DEFAULT now(), sent_at timestamptz);
    ALTER TABLE outgoing_mails ADD COLUMN IF NOT EXISTS next_attempt_at timestamptz NOT NULL DEFAULT now();
    GRANT SELECT, INSERT, UPDATE ON outgoing_mails TO ecomweb_app`)
  await own.sql(`INSERT INTO outgoing_mails (kind, recipient, subject, body, dedup_key)
    VALUES ('weekly', 'ben@shop.test', 'The week', 'Seven days.', 'week-1')`)
  expect(await senderAt(server.port, undefined, 'outgoing_mails').deliver()).toBe(1)
  expect(await arrived('ben', 'Seven days.')).toHaveLength(1)
  expect(await own.sql('SELECT status, attempts FROM outgoing_mails')).toEqual([
    { status: 'sent', attempts: 1 },
  ])
})

const unquote = (text: string) => {
  const bytes = text
    .replaceAll(/=\r?\n/g, '')
    .replaceAll(/=([0-9A-F]{2})/g, (_, hex) => String.fromCharCode(Number.parseInt(hex, 16)))
  return Buffer.from(bytes, 'latin1').toString()
}
