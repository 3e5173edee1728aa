import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Principal } from '../../../apps/api/auth/principal.ts'
import type { Order } from '../../../apps/api/orders/order.ts'
import { openOrders, owedOrders } from '../../../apps/worker/unfinished.ts'
import { aRequest, openShop, placed, type Shop } from './shop.ts'
import { openWorker, type TestWorker } from './workers.ts'

let shop: Shop
let worker: TestWorker
let admin: Principal
let product: number

beforeAll(async () => {
  shop = await openShop()
  worker = openWorker(shop)
  admin = await shop.user('admin')
  product = await shop.product(10_000)
})

afterAll(async () => {
  worker.close()
  await shop.own.drop()
})

const order = (given: Parameters<typeof aRequest>[1] = {}) => placed(shop.orders, aRequest(product, given))
const cancel = ({ id }: Order) => shop.orders.cancel(id, { principal: admin, key: undefined, probe: false })
const refund = ({ id }: Order) => shop.orders.refund(id, { id: admin.id, requestId: 'request-1' })
const payment = async ({ id }: Order) => (await shop.rows<{ status: string }>('payments', id))[0]?.status
const mails = async ({ id }: Order) =>
  (await shop.rows<{ kind: string }>('mails', id)).map(({ kind }) => kind)
const eventNames = async ({ id }: Order) => (await shop.events(id)).map(({ event }) => event)
const stored = async ({ id }: Order) =>
  (await shop.rows<{ status: string; completions: number; failure: string | null }>('orders', id))[0]
const states = async ({ id }: Order) =>
  (await shop.orders.progress(id, admin))?.steps.map(({ name, state }) => `${name} ${state}`)

describe('an order that is carried out', () => {
  test('is paid, mailed and shipped once, however often it is carried out', async () => {
    const one = await order({ quantity: 2 })
    expect(await states(one)).toEqual(['reserve done', 'pay running', 'mail waiting', 'ship waiting'])
    expect(await Promise.all([worker.run(one.id), worker.run(one.id), worker.run(one.id)])).toEqual(
      Array(3).fill('completed'),
    )
    expect(await eventNames(one)).toEqual(['order.created', 'order.paid', 'order.completed'])
    expect(await stored(one)).toMatchObject({ status: 'completed', completions: 1 })
    expect(await shop.rows('payments', one.id)).toMatchObject([{ status: 'taken', amount_cents: 500 }])
    expect(await mails(one)).toEqual(['confirmation'])
    expect(await states(one)).toEqual(['reserve done', 'pay done', 'mail done', 'ship done'])
  })

  test('passes all steps as a probe too, and leaves neither payment nor mail', async () => {
    const before = await shop.stock(product)
    const probe = await order({ probe: true })
    await worker.run(probe.id)
    expect(await eventNames(probe)).toEqual(['order.created', 'order.paid', 'order.completed'])
    expect([await payment(probe), await mails(probe), await shop.stock(product)]).toEqual([
      undefined,
      [],
      before,
    ])
  })

  test('ends where the payment is declined: stock back, the reason in the order, one event and one mail', async () => {
    const before = await shop.stock(product)
    const poor = await order({ email: 'poor+decline@example.com', quantity: 3 })
    expect(await worker.run(poor.id)).toBe('cancelled')
    expect(await worker.run(poor.id)).toBe('cancelled')
    expect(await stored(poor)).toMatchObject({ status: 'cancelled', failure: 'the payment was declined' })
    expect(await shop.stock(product)).toBe(before)
    const events = await shop.events(poor.id)
    expect(events.map(({ event }) => event)).toEqual(['order.created', 'order.failed'])
    expect(events[1]?.payload.stock).toEqual([{ product_id: product, stock: before }])
    expect([await payment(poor), await mails(poor)]).toEqual([undefined, ['cancellation']])
    expect(await states(poor)).toEqual(['reserve undone', 'pay failed', 'mail waiting', 'ship waiting'])
  })
})

describe('cancelling', () => {
  const steps = ['confirmReservation', 'takePayment', 'mailCustomer', 'shipOrder']

  test.each(steps)('in front of %s takes everything back once', async (step) => {
    const before = await shop.stock(product)
    const one = await order()
    const answers: unknown[] = []
    const ended = await worker.run(one.id, async (activity) => {
      if (activity === step) answers.push((await cancel(one)).outcome)
    })
    // Undoing mails too, and asks again.
    expect([ended, new Set(answers)]).toEqual([
      'cancelled',
      step === 'mailCustomer' ? new Set(['cancelled', 'already cancelled']) : new Set(['cancelled']),
    ])
    expect(await stored(one)).toMatchObject({ status: 'cancelled', completions: 0, failure: null })
    expect(await shop.stock(product)).toBe(before)
    expect([undefined, 'refunded']).toContain(await payment(one))
    const paid = steps.indexOf(step) > 1 ? ['order.paid'] : []
    expect(await eventNames(one)).toEqual(['order.created', ...paid, 'order.cancelled'])
    expect((await mails(one)).at(-1)).toBe('cancellation')
  })

  test('while a payment is being taken gives it back', async () => {
    const one = await order()
    const { activities } = worker
    // The worker was told that the order is pending, took the money, and is then killed: nobody was told.
    await shop.own.sql(
      `INSERT INTO payments (order_id, amount_cents, status, reference) VALUES ('${one.id}', 250, 'taken', 'x')`,
    )
    expect((await cancel(one)).outcome).toBe('cancelled')
    expect(await payment(one)).toBe('owed')
    expect(await worker.run(one.id)).toBe('cancelled')
    expect(await payment(one)).toBe('refunded')
    // The money was taken only after the order was cancelled.
    await shop.own.sql(`UPDATE payments SET status = 'taken' WHERE order_id = '${one.id}'`)
    expect(await activities.takePayment(one.id)).toBe('cancelled')
    expect(await worker.run(one.id)).toBe('cancelled')
    expect(await payment(one)).toBe('refunded')
  })

  test('or completing: of both at once one happens, and never half of each', async () => {
    const before = await shop.stock(product)
    const orders = await Promise.all(Array.from({ length: 40 }, () => order()))
    const raced = await Promise.all(
      orders.map(async (one, number) => {
        const at = [...steps, 'never'][number % 5]
        let cancelled = at === 'never' ? cancel(one) : undefined
        const ended = await worker.run(one.id, async (activity) => {
          // Not waited for: it happens together with the activity.
          if (activity === at) cancelled ??= cancel(one)
        })
        return { one, ended, outcome: (await cancelled)?.outcome }
      }),
    )
    for (const { one, ended, outcome } of raced) {
      expect([ended, outcome, await stored(one)]).toMatchObject(
        outcome === 'completed'
          ? ['completed', 'completed', { status: 'completed', completions: 1 }]
          : ['cancelled', 'cancelled', { status: 'cancelled', completions: 0 }],
      )
      expect(await payment(one)).toBe(outcome === 'completed' ? 'taken' : (await payment(one)) && 'refunded')
    }
    const sold = raced.filter(({ ended }) => ended === 'completed').length
    expect(await shop.stock(product)).toBe(before - sold)
  })

  test('happens once, however many ask', async () => {
    const before = await shop.stock(product)
    const one = await order({ quantity: 4 })
    const answers = await Promise.all(Array.from({ length: 8 }, () => cancel(one)))
    expect(answers.filter(({ outcome }) => outcome === 'cancelled')).toHaveLength(1)
    expect(answers.filter(({ outcome }) => outcome === 'already cancelled')).toHaveLength(7)
    expect(await shop.stock(product)).toBe(before)
    expect(await eventNames(one)).toEqual(['order.created', 'order.cancelled'])
  })
})

describe('refunding', () => {
  test('an order that is shipped owes its money at once, and gives it back by a workflow', async () => {
    const one = await order()
    expect(await refund(one)).toEqual({ outcome: 'not completed' })
    await worker.run(one.id)
    const stock = await shop.stock(product)
    const answers = await Promise.all([refund(one), refund(one), refund(one)])
    expect(answers.map(({ outcome }) => outcome).sort()).toEqual([
      ...['already refunded', 'already refunded', 'refunded'],
    ])
    expect([await payment(one), await eventNames(one)]).toEqual([
      'owed',
      ['order.created', 'order.paid', 'order.completed', 'order.refunded'],
    ])
    const { activities } = worker
    for (const _ of [1, 2]) {
      expect(await activities.beginRefund(one.id)).toBe('refunded')
      await activities.refundPayment(one.id)
      await activities.mailCustomer(one.id)
    }
    expect([await payment(one), await mails(one)]).toEqual(['refunded', ['confirmation', 'refund']])
    // What was shipped is not back.
    expect(await shop.stock(product)).toBe(stock)
    expect(await states(one)).toEqual(['reserve done', 'pay undone', 'mail done', 'ship done'])
    expect((await cancel(one)).outcome).toBe('completed')
    const audit = await shop.own.sql('SELECT actor_id, action, request_id FROM audit_log WHERE target = $1', [
      `order:${one.id}`,
    ])
    expect(audit).toEqual([{ actor_id: admin.id, action: 'order.refunded', request_id: 'request-1' }])
  })
})

test('what Temporal knows nothing of is found: orders that are not over, and money that is owed', async () => {
  const database = shop.own.open('service')
  const [pending, paid, owed, over] = await Promise.all([order(), order(), order(), order()])
  const { activities, run } = worker
  await activities.takePayment(paid.id)
  await activities.takePayment(owed.id)
  await cancel(owed)
  await run(over.id)
  const soon = new Date(Date.now() + 60_000)
  const open = await openOrders(database, soon, undefined, 1000)
  expect(open).toEqual(expect.arrayContaining([pending.id, paid.id]))
  expect(open).not.toContain(over.id)
  expect(await openOrders(database, new Date(0), undefined, 1000)).toEqual([])
  expect(await openOrders(database, soon, open.at(-2), 1000)).toEqual(open.slice(-1))
  expect(await owedOrders(database, undefined, 1000)).toEqual([owed.id])
  expect(await owedOrders(database, owed.id, 1000)).toEqual([])
  await run(owed.id)
  expect(await owedOrders(database, undefined, 1000)).toEqual([])
})
