import { describe, expect, it } from 'vitest'
import { auditOrders, compareEvents, compareOrders } from '../../load/audit.ts'
import type { Ledger, StoredEvent } from '../../load/ledger.ts'
import { Trail } from '../../load/trail.ts'

const stored = (id: string, key: string, completions = 1) => ({ id, key, status: 'completed', completions })

describe('orders', () => {
  const acknowledged = [
    { id: '1', key: 'a' },
    { id: '2', key: 'b' },
  ]

  it('are well when each is stored once and executed once', () => {
    expect(compareOrders(acknowledged, [stored('1', 'a'), stored('2', 'b')])).toEqual({
      acknowledged: 2,
      lost: [],
      doubled: [],
      unfinished: [],
      unacknowledged: [],
    })
  })

  it('are named by what went wrong with them', () => {
    const audit = compareOrders(
      [...acknowledged, { id: '3', key: 'c' }],
      [stored('1', 'a', 2), stored('3', 'c', 0), stored('9', 'z')],
    )
    expect(audit).toMatchObject({ doubled: ['1'], lost: ['2'], unfinished: ['3'], unacknowledged: ['9'] })
  })

  it('leave probes out, and a probe never stands for an order', () => {
    const probe = { ...stored('2', 'b', 0), status: 'cancelled', probe: true }
    expect(compareOrders(acknowledged.slice(0, 1), [stored('1', 'a'), probe]).unacknowledged).toEqual([])
    expect(compareOrders(acknowledged, [stored('1', 'a'), probe])).toMatchObject({ lost: ['2'], doubled: [] })
  })

  it('that never get executed are reported when patience ends', async () => {
    const ledger: Ledger = { orders: async () => [stored('1', 'a', 0)], events: async () => [] }
    const audit = await auditOrders(ledger, 'run', [{ id: '1', key: 'a' }], 0)
    expect(audit.unfinished).toEqual(['1'])
  })
})

describe('events', () => {
  const event = (id: number, orderId: string | null = String(id)): StoredEvent => ({
    ...{ id, event: orderId === null ? 'stock.changed' : 'order.created', orderId },
    stock: true,
  })
  const trail = (from: number, ids: number[]): Trail => {
    const made = new Trail('reader')
    made.greeted(from)
    for (const id of ids) made.saw(id)
    return made
  }

  it('count as missing only inside the range that a subscriber covered', () => {
    const log = [1, 2, 3, 4, 5, 6].map((id) => event(id))
    expect(compareEvents([trail(2, [3, 5])], log).missing).toEqual(['reader missed event 4'])
  })

  it('may have gaps in the log itself: an id that was rolled back is nobody’s loss', () => {
    expect(compareEvents([trail(0, [1, 3])], [event(1), event(3)]).missing).toEqual([])
  })

  it('of one kind are due once for each order', () => {
    const { repeated } = compareEvents([], [event(1, '7'), event(2, '7'), event(3, '8')])
    expect(repeated).toEqual(['order.created of order 7'])
  })

  it('are due to guests only where stock has moved', () => {
    const paid: StoredEvent = { ...event(2, '1'), event: 'order.paid', stock: false }
    const log = [event(1), paid, event(3)]
    expect(compareEvents([trail(0, [1, 3])], log, 'stock').missing).toEqual([])
    expect(compareEvents([trail(0, [1, 3])], log).missing).toEqual(['reader missed event 2'])
    expect(compareEvents([], [paid, { ...paid, id: 4 }]).repeated).toEqual(['order.paid of order 1'])
  })

  it('may tell of stock any number of times where no order has moved it', () => {
    const log = [event(1, null), event(2, null)]
    expect(compareEvents([trail(0, [2])], log)).toMatchObject({
      ...{ missing: ['reader missed event 1'], repeated: [] },
    })
  })

  it('are missed too when the server says that we are past them', () => {
    const told = trail(0, [1])
    told.moved(3)
    expect([told.lastId, told.to]).toEqual([3, 3])
    expect(
      compareEvents(
        [told],
        [1, 2, 3, 4].map((id) => event(id)),
      ).missing,
    ).toEqual(['reader missed event 2', 'reader missed event 3'])
    told.moved(2)
    expect(told.lastId).toBe(3)
    const unsaid = new Trail('reader')
    unsaid.moved(5)
    expect(unsaid.lastId).toBeUndefined()
  })

  it('must ascend within a trail', () => {
    expect(() => trail(0, [1, 1])).toThrow('event 1 after event 1')
    expect(() => new Trail('reader').saw(1)).toThrow('before the greeting')
    expect(() => trail(0, [Number.NaN])).toThrow('without a usable id')
  })

  it('are resumed from our own position, not from a later greeting', () => {
    const resumed = trail(2, [3])
    resumed.greeted(9)
    expect(resumed.lastId).toBe(3)
    expect(resumed.from).toBe(2)
  })
})
