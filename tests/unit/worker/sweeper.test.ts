import { describe, expect, it } from 'vitest'
import { OrderSweeper, type SweeperParts } from '../../../apps/worker/sweeper.ts'

const NOW = Date.parse('2026-01-01T00:00:00Z')

/** Orders that are pending, and Temporal. */
const shop = (ids: string[], start: SweeperParts['start'] = async () => 'started') => {
  const pending = new Set(ids)
  const started: string[] = []
  const logged: string[] = []
  const asked: Date[] = []
  const log = (_: unknown, text?: string) => logged.push(text ?? String(_))
  const sweeper = new OrderSweeper({
    pending: async (before, after, limit) => {
      asked.push(before)
      return [...pending]
        .filter((id) => after === undefined || id > after)
        .sort()
        .slice(0, limit)
    },
    start: (id) => {
      started.push(id)
      return start(id)
    },
    log: { info: log, warn: log } as unknown as SweeperParts['log'],
    now: () => NOW,
  })
  return { sweeper, pending, started, logged, asked }
}

describe('the order sweeper', () => {
  it('starts what is pending, once', async () => {
    const { sweeper, started } = shop(['a', 'b'])
    expect(await sweeper.sweep()).toBe(2)
    expect(await sweeper.sweep()).toBe(0)
    expect(started).toEqual(['a', 'b'])
  })

  it('leaves orders of the last seconds to the API', async () => {
    const { sweeper, asked } = shop([])
    await sweeper.sweep()
    expect(NOW - (asked[0] as Date).getTime()).toBe(3000)
  })

  it('reaches every order, however many are pending', async () => {
    const { sweeper, started } = shop(Array.from({ length: 450 }, (_, n) => String(n).padStart(3, '0')))
    await sweeper.sweep()
    expect(new Set(started).size).toBe(450)
  })

  it('forgets orders that are over', async () => {
    const { sweeper, pending, started } = shop(['a'])
    await sweeper.sweep()
    pending.clear()
    await sweeper.sweep()
    pending.add('a')
    await sweeper.sweep()
    expect(started).toEqual(['a', 'a'])
  })

  it('says once that Temporal is away, goes on trying, and says when it is back', async () => {
    let away = true
    const { sweeper, started, logged } = shop(['a'], async () => {
      if (away) throw new Error('UNAVAILABLE')
      return 'started'
    })
    await sweeper.sweep()
    await sweeper.sweep()
    expect(logged).toEqual(['cannot sweep orders: trying again'])
    away = false
    expect(await sweeper.sweep()).toBe(1)
    expect(logged).toContain('sweeping orders works again')
    expect(started).toEqual(['a', 'a', 'a'])
  })

  it('does not begin a second look while the first one is waiting', async () => {
    const temporal = Promise.withResolvers<'started'>()
    const { sweeper, started } = shop(['a'], () => temporal.promise)
    const first = sweeper.sweep()
    expect(await sweeper.sweep()).toBe(0)
    temporal.resolve('started')
    expect([await first, started]).toEqual([1, ['a']])
  })

  it('reports a pending order whose workflow is over, once', async () => {
    const { sweeper, logged } = shop(['a'], async () => 'closed')
    await sweeper.sweep()
    await sweeper.sweep()
    expect(logged).toEqual(['the workflow of this order is over, and yet the order is pending'])
  })
})
