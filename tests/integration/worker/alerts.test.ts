import { createHmac, randomUUID } from 'node:crypto'
import { pino } from 'pino'
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest'
import type { AlertChange } from '../../../apps/worker/alerts/book.ts'
import { Leadership } from '../../../apps/worker/alerts/leader.ts'
import { stuckOrders, undeliverableMails } from '../../../apps/worker/alerts/readings.ts'
import { tellByWebhook } from '../../../apps/worker/alerts/webhook.ts'
import { httpClient } from '../../../apps/worker/http/client.ts'
import { waitUntil } from '../../e2e/harness/wait.ts'
import { oneByOne, startFlakyServer, status } from '../../unit/worker/http/flaky-server.ts'
import { type OwnDatabase, ownDatabase } from '../database.ts'

const log = pino({ level: 'silent' })
let own: OwnDatabase

beforeAll(async () => {
  own = await ownDatabase()
})
afterAll(() => own?.drop())

test('one process leads, for as long as its connection lives, and then another one', async () => {
  const [first, second] = [new Leadership(own.url, log), new Leadership(own.url, log)]
  onTestFinished(() => Promise.all([first.release(), second.release()]).then(() => {}))
  expect([await first.leads(), await second.leads(), await first.leads()]).toEqual([true, false, true])
  const holders = () =>
    own.sql<{ pid: number }>(
      `SELECT pid FROM pg_locks JOIN pg_database d ON d.oid = database
       WHERE locktype = 'advisory' AND objid = 7266010 AND granted AND d.datname = current_database()`,
    )
  const [holder, ...others] = await holders()
  expect(others).toEqual([])
  await own.sql('SELECT pg_terminate_backend($1)', [holder?.pid])
  await waitUntil('the lock is free', async () => (await holders()).length === 0, { everyMs: 20 })
  expect([await second.leads(), await first.leads()]).toEqual([true, false])
  await second.release()
  await waitUntil('the other one leads', () => first.leads(), { everyMs: 20 })
})

test('who cannot reach the database does not lead', async () => {
  const nobody = new Leadership(own.url.replace(/:\d+\//, ':9/'), log)
  expect(await nobody.leads()).toBe(false)
})

const values = async (
  source: { read(now: Date): Promise<{ alert: string; value: number }[]> },
  now = new Date(),
) => Object.fromEntries((await source.read(now)).map(({ alert, value }) => [alert, value]))

async function order(status: string, age: string, probe = false) {
  const id = randomUUID()
  await own.sql(
    `INSERT INTO orders (id, email, status, probe, idempotency_key, request_hash, created_at)
     VALUES ($1::uuid, 'anna@example.com', $2, $3, $1::text, '', now() - $4::interval)`,
    [id, status, probe, age],
  )
  return id
}

test('orders that should be over are counted, probes and young ones are not', async () => {
  const source = stuckOrders(own.open('service', 1))
  expect(await values(source)).toEqual({ 'orders.stuck': 0 })
  await order('paid', '11 minutes')
  await order('pending', '3 days')
  await order('pending', '9 minutes')
  await order('completed', '3 days')
  await order('pending', '1 day', true)
  expect(await values(source)).toEqual({ 'orders.stuck': 2 })
})

test('mails that failed within the hour, and those that wait for long, are counted', async () => {
  await own.sql(`CREATE TABLE IF NOT EXISTS outgoing_mails (status text, created_at timestamptz, next_attempt_at timestamptz);
    GRANT SELECT ON outgoing_mails TO ecomweb_app`)
  const mail = async (status: string, age: string) =>
    own.sql(
      `INSERT INTO mails (order_id, kind, recipient, subject, body, status, created_at, next_attempt_at)
       VALUES ($1, 'confirmation', 'a@b.c', '', '', $2, now() - $3::interval, now() - $3::interval)`,
      [await order('completed', '1 day'), status, age],
    )
  for (const [status, age] of [
    ...[
      ['bounced', '59 minutes'],
      ['bounced', '61 minutes'],
      ['expired', '5 minutes'],
      ['sent', '5 minutes'],
    ],
    ...[
      ['queued', '16 minutes'],
      ['queued', '14 minutes'],
      ['recorded', '9 days'],
    ],
  ] as [string, string][]) {
    await mail(status, age)
  }
  expect(await values(undeliverableMails(own.open('service', 1)))).toEqual({
    'mails.undeliverable': 2,
    'mails.overdue': 1,
  })
})

test('a receiver is told of an alert by a signed webhook, under an id that every attempt has', async () => {
  const server = await startFlakyServer()
  const http = httpClient({ log, sleep: async () => {} })
  onTestFinished(async () => {
    http.close()
    await server.down()
  })
  const since = new Date('2026-01-02T03:04:05Z')
  const change: AlertChange = {
    ...{ alert: 'backlog.tasks', state: 'raised', value: 1200, raiseAt: 1000, clearBelow: 200 },
    ...{ text: 'tasks wait', since },
  }
  const tell = tellByWebhook(http, { url: server.url, secret: 'shared by both' }, 'http://shop.test')
  server.handle = oneByOne(status(502), status(200))
  await tell(change, since)
  expect(server.asked).toHaveLength(2)
  for (const { text, headers } of server.asked) {
    const expected = createHmac('sha256', 'shared by both').update(text).digest('hex')
    expect(headers['x-ecomweb-signature']).toBe(`sha256=${expected}`)
    expect(JSON.parse(text)).toMatchObject({
      ...{
        delivery: `alert.backlog.tasks.raised.${since.getTime()}`,
        event: 'alert.raised',
        stack: 'http://shop.test',
      },
      alert: { name: 'backlog.tasks', value: 1200, limit: 1000, text: '1200 tasks wait' },
    })
  }
  server.handle = status(404)
  await expect(tell(change, since)).rejects.toThrow('the receiver of alerts answered 404')
})
