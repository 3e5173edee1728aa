import { expect, test } from 'vitest'
import { MailDelivery } from '../../../../apps/worker/mail/delivery.ts'
import type { ClaimedMail, MailOutbox } from '../../../../apps/worker/mail/outbox.ts'
import type { Sending } from '../../../../apps/worker/mail/smtp.ts'

const START = Date.UTC(2026, 0, 1)

/** Mails in memory, a server that answers as a test says, and a clock. */
function office(count: number) {
  const world = { now: START, sending: { outcome: 'accepted' } as Sending, databaseFails: 0 }
  const mails = Array.from({ length: count }, (_, at) => ({
    ...{ id: `${at}`, kind: 'confirmation', recipient: 'a@b.c', subject: '', body: '' },
    ...{ attempts: 0, createdAt: new Date(START), status: 'queued', next: START },
  }))
  const sent: string[] = []
  const set = (mail: ClaimedMail, change: object) =>
    void Object.assign(mails.find(({ id }) => id === mail.id) ?? {}, change)
  const outbox: MailOutbox = {
    name: 'mails',
    retire: async () => 0,
    async claim(now, until) {
      const due = mails.find((mail) => mail.status === 'queued' && mail.next <= now.getTime())
      if (!due) return undefined
      Object.assign(due, { attempts: due.attempts + 1, next: until.getTime() })
      return { ...due }
    },
    async sent(mail) {
      if (world.databaseFails-- > 0) throw new Error('the database is away')
      set(mail, { status: 'sent' })
    },
    deferred: async (mail, _why, next) => set(mail, { next: next.getTime() }),
    givenUp: async (mail, status) => set(mail, { status }),
  }
  const quiet = () => {}
  const delivery = new MailDelivery({
    ...{ outboxes: [outbox], domain: 'example.com', random: () => 0.5, now: () => world.now },
    log: { info: quiet, warn: quiet, error: quiet } as never,
    send: async ({ id }) => {
      sent.push(id)
      return world.sending
    },
    sleep: async (ms) => {
      world.now += ms
    },
  })
  return { world, mails, sent, delivery }
}

test('a mail that was accepted while the database was away is marked when that is back, and not sent again', async () => {
  const { world, mails, sent, delivery } = office(1)
  world.databaseFails = 20
  expect(await delivery.deliver()).toBe(1)
  world.now += 3_600_000
  await delivery.deliver()
  expect([mails[0]?.status, sent]).toEqual(['sent', ['0']])
})

test('a mail that is put off is tried after 15 s, 30 s, … and after an hour at most, and expires after three days', async () => {
  const { world, mails, sent, delivery } = office(1)
  world.sending = { outcome: 'deferred', why: '451', by: 'server' }
  const pauses: number[] = []
  while (mails[0]?.status === 'queued') {
    await delivery.deliver()
    const next = mails[0].next
    if (mails[0].status === 'queued') pauses.push((next - world.now) / 1000)
    world.now = next
  }
  expect(pauses.slice(0, 9)).toEqual([15, 30, 60, 120, 240, 480, 960, 1920, 3600])
  expect(Math.max(...pauses)).toBe(3600)
  expect([mails[0]?.status, sent.length === pauses.length]).toEqual(['expired', true])
  expect(world.now - START).toBeGreaterThan(3 * 86_400_000)
})

test('a server that takes nothing is asked by a few mails only, after longer and longer rests', async () => {
  const { world, sent, delivery } = office(100)
  world.sending = { outcome: 'deferred', why: 'ECONNREFUSED', by: 'connection' }
  for (let second = 0; second < 600; second++) {
    await delivery.deliver()
    world.now += 1000
  }
  expect(sent.length).toBeLessThanOrEqual(4 * 12)
  world.sending = { outcome: 'accepted' }
  world.now += 3_600_000
  expect(await delivery.deliver()).toBe(100)
})

test('who stops takes no further mail, and waits for those under way', async () => {
  const { sent, delivery, mails } = office(50)
  const delivering = delivery.deliver()
  await delivery.stop()
  expect(await delivering).toBe(mails.filter(({ status }) => status === 'sent').length)
  expect(sent.length).toBeLessThanOrEqual(4)
})
