import { describe, expect, it } from 'vitest'
import { OrderSweeper, type SweeperParts } from '../../../apps/worker/sweeper.ts'

const NOW = Date.parse('2026-01-01T00:00:00Z')

const pageOf = (ids: Set<string>, after: string | undefined, limit: number) =>
  [...ids]
    .filter((id) => after === undefined || id > after)
    .sort()
    .slice(0, limit)

/** Orders that are open or owed, and Temporal. */
const shop = (ids: string[], start: SweeperParts['start'] = async () => 'started') => {
  const open = new Set(ids)
  const owed = new Set<string>()
  const started: string[] = []
  const refunded: string[] = []
  const logged: string[] = []
  const asked: Date[] = []
  const log = (_: unknown, text?: string) => logged.push(text ?? String(_))
  const sweeper = new OrderSweeper({
    open: async (before, after, limit) => {
      asked.push(before)
      return pageOf(open, after, limit)
    },
    owed: async (after, limit) => pageOf(owed, after, limit),
    start: (id, again) => {
      started.push(again ? `${id} again` : id)
      return start(id, again)
    },
    refund: async (id) => void refunded.push(id),
    log: { info: log, warn: log } as unknown as SweeperParts['log'],
    now: () => NOW,
  })
  return { sweeper, open, owed, started, refunded, logged, asked }
}

describe('the order sweeper', () => {
  it('starts what is open, once', async () => {
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

  it('reaches every order, however many are open', async () => {
    const { sweeper, started } = shop(Array.from({ length: 450 }, (_, n) => String(n).padStart(3, '0')))
    await sweeper.sweep()
    expect(new Set(started).size).toBe(450)
  })

  it('forgets orders that are over', async () => {
    const { sweeper, open, started } = shop(['a'])
    await sweeper.sweep()
    open.clear()
    await sweeper.sweep()
    open.add('a')
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

  it('starts an order again whose workflow is over and which is not, but not at the first look', async () => {
    const { sweeper, started, logged } = shop(['a'], async (_, again) => (again ? 'started' : 'closed'))
    expect([await sweeper.sweep(), logged]).toEqual([0, []])
    expect(await sweeper.sweep()).toBe(1)
    expect(await sweeper.sweep()).toBe(0)
    expect(started).toEqual(['a', 'a again'])
    expect(logged[0]).toBe('the workflow of this order is over, and yet the order is not')
  })

  it('leaves an order in peace that has ended between its look at the table and at Temporal', async () => {
    const { sweeper, open, started, logged } = shop(['a'], async () => 'closed')
    await sweeper.sweep()
    open.clear()
    await sweeper.sweep()
    expect([started, logged]).toEqual([['a'], []])
  })

  it('sees to money that is still owed at the second look, once', async () => {
    const { sweeper, owed, refunded } = shop([])
    owed.add('a').add('b')
    await sweeper.sweep()
    owed.delete('b')
    for (let look = 0; look < 3; look++) await sweeper.sweep()
    expect(refunded).toEqual(['a'])
  })
})
