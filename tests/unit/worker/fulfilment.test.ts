import { ApplicationFailure } from '@temporalio/common'
import { describe, expect, it } from 'vitest'
import type { OrderSignal } from '../../../apps/core/fulfilment.ts'
import { type Fulfilment, fulfil, PAYMENT_DECLINED, refund } from '../../../apps/worker/fulfilment.ts'
import { Progress } from '../../../apps/worker/progress.ts'

type Status = string

/** An order in memory and what its activities did; `before` happens in front of the activity of that name. */
const shop = (
  before: Record<string, (order: { status: Status }) => void> = {},
  status: Status = 'pending',
) => {
  const order = { status }
  const calls: string[] = []
  let minutes = 0
  const progress = new Progress(() => new Date(Date.UTC(2026, 0, 1, 0, minutes++)))
  const activity =
    (name: string, changes: Record<Status, Status> = {}) =>
    async (_: string, failure?: string) => {
      before[name]?.(order)
      order.status = changes[order.status] ?? order.status
      calls.push([name, ...(failure ? [failure] : [])].join(': '))
      return order.status
    }
  const activities: Fulfilment['activities'] = {
    confirmReservation: activity('confirmReservation'),
    takePayment: activity('takePayment', { pending: 'paid' }),
    mailCustomer: activity('mailCustomer'),
    shipOrder: activity('shipOrder', { paid: 'completed' }),
    releaseOrder: activity('releaseOrder', { pending: 'cancelled', paid: 'cancelled' }),
    refundPayment: activity('refundPayment'),
    beginRefund: activity('beginRefund', { completed: 'refunded' }),
  }
  const states = () => Object.fromEntries(progress.steps.map(({ name, state }) => [name, state]))
  const run = (asked: () => OrderSignal | undefined = () => undefined) =>
    fulfil('order', { activities, progress, asked })
  return { activities, calls, order, progress, run, states }
}

const decline = () => {
  throw ApplicationFailure.nonRetryable('the card is empty', PAYMENT_DECLINED)
}
const forward = ['confirmReservation', 'takePayment', 'mailCustomer', 'shipOrder']

describe('an order', () => {
  it('goes through its steps and shows when each was done', async () => {
    const { calls, progress, run } = shop()
    expect(await run()).toBe('completed')
    expect(calls).toEqual(forward)
    expect(progress.steps.map(({ name, state, at }) => `${name} ${state} ${at?.slice(11, 16)}`)).toEqual([
      ...['reserve done 00:01', 'pay done 00:03', 'mail done 00:05', 'ship done 00:07'],
    ])
  })

  it('whose payment is declined is released with the reason, and the customer is told', async () => {
    const { calls, run, states } = shop({ takePayment: decline })
    expect(await run()).toBe('cancelled')
    const reason = 'releaseOrder: the card is empty'
    expect(calls).toEqual(['confirmReservation', reason, 'refundPayment: the card is empty', 'mailCustomer'])
    expect(states()).toEqual({ reserve: 'undone', pay: 'failed', mail: 'waiting', ship: 'waiting' })
  })

  it.each(['confirmReservation', 'takePayment', 'mailCustomer', 'shipOrder'])(
    'that is cancelled in front of %s is not shipped, and its money goes back',
    async (name) => {
      const { calls, order, run } = shop({
        [name]: (order) => {
          order.status = 'cancelled'
        },
      })
      expect(await run()).toBe('cancelled')
      expect(order.status).toBe('cancelled')
      const undone = ['releaseOrder', 'refundPayment', 'mailCustomer']
      expect(calls).toEqual([...forward.slice(0, forward.indexOf(name) + 1), ...undone])
    },
  )

  it('that fails for good is undone, without telling the customer what went wrong inside', async () => {
    const { calls, order, run, states } = shop({
      shipOrder: () => {
        throw ApplicationFailure.nonRetryable('duplicate key value')
      },
    })
    await expect(run()).rejects.toThrow('duplicate key value')
    expect(order.status).toBe('cancelled')
    expect(calls).toContain('releaseOrder: the order could not be carried out')
    expect(calls).toContain('refundPayment: the order could not be carried out')
    expect(states()).toEqual({ reserve: 'undone', pay: 'undone', mail: 'done', ship: 'failed' })
  })

  it('that was carried out by an attempt that got lost ends as it is', async () => {
    for (const status of ['paid', 'completed']) {
      const { run, states } = shop({}, status)
      expect(await run()).toBe('completed')
      expect(new Set(Object.values(states()))).toEqual(new Set(['done']))
    }
  })
})

describe('a signal', () => {
  it('to cancel takes the order back at the next step', async () => {
    const { calls, run, states } = shop()
    expect(await run(() => (calls.includes('takePayment') ? 'cancel' : undefined))).toBe('cancelled')
    expect(calls.slice(2)).toEqual(['releaseOrder', 'releaseOrder', 'refundPayment', 'mailCustomer'])
    expect(states()).toMatchObject({ reserve: 'undone', pay: 'undone', ship: 'waiting' })
  })

  it('to cancel comes too late for an order that is shipped', async () => {
    const { order, run } = shop({}, 'completed')
    expect(await run(() => 'cancel')).toBe('completed')
    expect(order.status).toBe('completed')
  })

  it('to refund takes back what is shipped', async () => {
    const { calls, run } = shop()
    expect(await run(() => (calls.includes('shipOrder') ? 'refund' : undefined))).toBe('refunded')
    expect(calls.slice(4)).toEqual(['beginRefund', 'refundPayment', 'mailCustomer'])
  })
})

describe('a refund', () => {
  it('of an order that was taken back gives its money back', async () => {
    for (const status of ['cancelled', 'refunded']) {
      const { activities, calls } = shop({}, status)
      expect(await refund('order', activities)).toBe(status)
      expect(calls).toEqual(['beginRefund', 'refundPayment', 'mailCustomer'])
    }
  })

  it('of an order that is on its way touches nothing', async () => {
    const { activities, calls } = shop({}, 'paid')
    expect(await refund('order', activities)).toBe('paid')
    expect(calls).toEqual(['beginRefund'])
  })
})
