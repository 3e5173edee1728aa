import { describe, expect, it } from 'vitest'
import { type ActivityParts, createActivities } from '../../../apps/worker/activities.ts'

type Order = { id: string; status: string; completions: number; probe?: boolean }

/** A table with one order, and an outbox. */
const parts = (order?: Order) => {
  const events: unknown[][] = []
  const published: string[] = []
  const transaction = {
    order: {
      updateManyAndReturn: async ({ where }: { where: { id: string; status: string } }) => {
        if (order?.id !== where.id || order.status !== where.status) return []
        order.status = 'completed'
        order.completions++
        return [order]
      },
      findUnique: async () => order ?? null,
    },
    $executeRaw: async (_: TemplateStringsArray, ...values: unknown[]) => events.push(values),
  }
  const database = { ...transaction, $transaction: (run: (tx: object) => unknown) => run(transaction) }
  const redis = { publish: async (channel: string) => published.push(channel) }
  const { completeOrder } = createActivities({ database, redis } as unknown as ActivityParts)
  return { completeOrder, events, published, order }
}

describe('completing an order', () => {
  it('changes it once and says so once, however often it is repeated', async () => {
    const { completeOrder, events, published, order } = parts({ id: 'a', status: 'pending', completions: 0 })
    expect(await completeOrder('a')).toBe('completed')
    expect(await completeOrder('a')).toBe('completed')
    expect(order?.completions).toBe(1)
    expect(events).toHaveLength(1)
    expect(events[0]).toEqual(expect.arrayContaining(['order.completed', 'a']))
    expect(published).toHaveLength(1)
  })

  it('says of a probe that it is one, so that nobody ships or counts it', async () => {
    const { completeOrder, events } = parts({ id: 'a', status: 'pending', completions: 0, probe: true })
    await completeOrder('a')
    expect(String(events[0])).toContain('"probe":true')
  })

  it('leaves a cancelled order as it is', async () => {
    const { completeOrder, events } = parts({ id: 'a', status: 'cancelled', completions: 0 })
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
