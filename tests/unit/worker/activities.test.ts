import { describe, expect, it } from 'vitest'
import { type ActivityParts, createActivities } from '../../../apps/worker/activities.ts'
import { mailOf } from '../../../apps/worker/mails.ts'

type Order = { id: string; status: string; completions: number; probe?: boolean; email?: string }

/** A table with one order, an outbox, and providers that write down what they are asked for. */
const parts = (order?: Order) => {
  const events: unknown[][] = []
  const published: string[] = []
  const asked: string[] = []
  const transaction = {
    order: {
      updateManyAndReturn: async ({ where, data }: Change) => {
        if (order?.id !== where.id || !where.status.in.includes(order.status)) return []
        order.status = data.status
        if (data.completions) order.completions++
        return [{ probe: false, userId: null, ...order }]
      },
      findUnique: async () => order ?? null,
    },
    $executeRaw: async (_: TemplateStringsArray, ...values: unknown[]) => events.push(values),
  }
  const database = { ...transaction, $transaction: (run: (tx: object) => unknown) => run(transaction) }
  const redis = { publish: async (channel: string) => published.push(channel) }
  const activities = createActivities({
    ...({ database, redis } as unknown as Pick<ActivityParts, 'database' | 'redis'>),
    payments: {
      take: async ({ email }) => {
        asked.push('take')
        return email === 'poor' ? { outcome: 'declined', reason: 'no money' } : { outcome: 'taken' }
      },
      refund: async () => void asked.push('refund'),
    },
    mails: { send: async ({ kind }) => void asked.push(kind) },
    stockChanged: async () => void asked.push('stock changed'),
  })
  return { ...activities, events, published, asked, order }
}

type Change = {
  where: { id: string; status: { in: string[] } }
  data: { status: string; completions?: object }
}

const pending = (): Order => ({ id: 'a', status: 'pending', completions: 0 })

describe('completing an order, as releases before do in one step,', () => {
  it('changes it once and says so once, however often it is repeated', async () => {
    const { completeOrder, events, published, order } = parts(pending())
    expect(await completeOrder('a')).toBe('completed')
    expect(await completeOrder('a')).toBe('completed')
    expect(order?.completions).toBe(1)
    expect(events).toHaveLength(1)
    expect(events[0]).toEqual(expect.arrayContaining(['order.completed', 'a']))
    expect(published).toHaveLength(1)
  })

  it('says of a probe that it is one, so that nobody ships or counts it', async () => {
    const { completeOrder, events } = parts({ ...pending(), probe: true })
    await completeOrder('a')
    expect(String(events[0])).toContain('"probe":true')
  })

  it('leaves a cancelled order as it is', async () => {
    const { completeOrder, events } = parts({ ...pending(), status: 'cancelled' })
    expect(await completeOrder('a')).toBe('cancelled')
    expect(events).toEqual([])
  })

  it('does not try again with an order that does not exist', async () => {
    await expect(parts().completeOrder('a')).rejects.toMatchObject({
      nonRetryable: true,
      type: 'OrderNotFound',
    })
  })
})

describe('paying', () => {
  it('takes the money before it says that the order is paid, and once', async () => {
    const { takePayment, events, asked } = parts(pending())
    expect(await takePayment('a')).toBe('paid')
    expect(await takePayment('a')).toBe('paid')
    expect([asked, events.length]).toEqual([['take'], 1])
  })

  it('that is declined is not tried again, and leaves the order as it was', async () => {
    const { takePayment, order } = parts({ ...pending(), email: 'poor' })
    await expect(takePayment('a')).rejects.toMatchObject({ nonRetryable: true, message: 'no money' })
    expect(order?.status).toBe('pending')
  })

  it('costs a probe nothing, and nobody gets a mail', async () => {
    const { takePayment, mailCustomer, asked } = parts({ ...pending(), probe: true })
    expect([await takePayment('a'), await mailCustomer('a'), asked]).toEqual(['paid', 'paid', []])
  })
})

it('gives money back only for orders that were taken back', async () => {
  for (const status of ['pending', 'paid', 'completed']) {
    const { refundPayment, asked } = parts({ ...pending(), status })
    expect([await refundPayment('a'), asked]).toEqual([status, []])
  }
  const { refundPayment, asked } = parts({ ...pending(), status: 'cancelled' })
  expect([await refundPayment('a'), asked]).toEqual(['cancelled', ['refund']])
})

it('ships only what is paid', async () => {
  expect(await parts(pending()).shipOrder('a')).toBe('pending')
  expect(await parts({ ...pending(), status: 'paid' }).shipOrder('a')).toBe('completed')
})

it('has one mail for each way in which an order can end', () => {
  const mail = (status: string, failure: string | null = null) =>
    mailOf({ id: 'a', status, email: 'a@example.com', totalCents: 1205, failure })
  expect(mail('pending')).toBeUndefined()
  expect(mail('paid')).toEqual(mail('completed'))
  expect(mail('paid')).toMatchObject({ kind: 'confirmation', body: expect.stringContaining('12.05') })
  expect(mail('cancelled', 'no money')?.body).toContain('is cancelled: no money.')
  expect(mail('refunded')?.kind).toBe('refund')
})
