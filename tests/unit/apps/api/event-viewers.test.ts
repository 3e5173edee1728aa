import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { Feed } from '../../../../apps/api/events/feed.ts'
import { EventHub, type Subscription } from '../../../../apps/api/events/hub.ts'
import { frame } from '../../../../apps/api/events/sse.ts'
import { type Viewer, viewerOf, viewOf } from '../../../../apps/api/events/viewer.ts'
import { anEvent, FakeClient, FakeOutbox } from './fakes.ts'

const stock = [{ product_id: 3, stock: 9 }]

describe('the view of an event', () => {
  const ofAnna = anEvent(5, { userId: 'anna', user_id: 'anna', stock })

  test.each<Viewer>(['user:anna', 'admin'])(
    'is the order itself for %s, whose it is or who sees all',
    (viewer) => {
      expect(viewOf(ofAnna, viewer)).toBe(ofAnna)
    },
  )

  test.each<Viewer>(['guest', 'user:bert', 'user:null'])('is what it did to the stock for %s', (viewer) => {
    expect(viewOf(ofAnna, viewer)).toEqual({
      id: 5n,
      event: 'stock.changed',
      userId: null,
      data: { stock, at: 'now' },
    })
  })

  test('is nothing for others when it moved no stock, as of an order that only tests ordering', () => {
    const probe = anEvent(6, { probe: true })
    expect(['guest', 'user:anna', 'admin'].map((viewer) => viewOf(probe, viewer as Viewer))).toEqual([
      undefined,
      undefined,
      probe,
    ])
    expect(viewOf(anEvent(7, { userId: 'anna', stock: [] }), 'guest')).toBeUndefined()
  })

  test("of a guest's order is not for whoever calls themselves null", () => {
    expect(viewOf(anEvent(8), 'user:null')).toBeUndefined()
  })

  test('of a change of stock alone is the same for everybody', () => {
    const restocked = { ...anEvent(9, { stock }), event: 'stock.changed' }
    const views = (['guest', 'user:anna', 'admin'] as const).map((viewer) => viewOf(restocked, viewer))
    expect(new Set(views).size).toBe(1)
    expect(views[0]?.data).toEqual({ stock, at: 'now' })
  })

  test('is rendered once for all clients that have it', () => {
    const stringify = vi.spyOn(JSON, 'stringify')
    const frames = Array.from({ length: 100 }, (_, index) => {
      const seen = viewOf(ofAnna, index % 2 ? 'guest' : 'admin')
      return seen && frame(seen)
    })
    expect(stringify).toHaveBeenCalledTimes(2)
    expect(new Set(frames).size).toBe(2)
    stringify.mockRestore()
  })
})

test('a viewer is who the access token says, or a guest', () => {
  expect(viewerOf(undefined)).toBe('guest')
  expect(viewerOf({ id: 'anna', role: 'user' })).toBe('user:anna')
  expect(viewerOf({ id: 'root', role: 'admin' })).toBe('admin')
})

describe('the hub', () => {
  const clients: FakeClient[] = []
  let outbox: FakeOutbox
  let hub: EventHub

  beforeEach(() => {
    vi.useFakeTimers()
    outbox = new FakeOutbox()
    hub = new EventHub(new Feed(outbox, { pollMs: 100, pulseMs: 1000, kept: 5, page: 4 }))
  })
  afterEach(async () => {
    for (const client of clients.splice(0)) client.open = false
    await vi.advanceTimersByTimeAsync(2000)
    vi.useRealTimers()
  })

  const connect = (viewer: Viewer, more: Partial<Subscription> = {}) => {
    const client = new FakeClient()
    clients.push(client)
    void hub.serve(client, { viewer, cursor: 0n, replaying: false, ...more })
    return client
  }
  const place = (id: number, userId: string | null, moved?: typeof stock) =>
    outbox.events.push(anEvent(id, { userId, ...(moved && { stock: moved }) }))

  test('sends each client what it may see, from one reading of the outbox', async () => {
    const viewers: Viewer[] = ['guest', 'user:anna', 'user:bert', 'admin']
    const all = viewers.map((viewer) => connect(viewer))
    await vi.advanceTimersByTimeAsync(100)
    const before = outbox.reads
    place(1, 'anna')
    place(2, 'bert', stock)
    place(3, null)
    await vi.advanceTimersByTimeAsync(100)
    expect(outbox.reads).toBe(before + 1)
    expect(all.map(({ seen }) => seen)).toEqual([[2], [1, 2], [2], [1, 2, 3]])
  })

  test('replays from the outbox what a viewer may see, across pages that hold nothing for it', async () => {
    for (let id = 1; id <= 20; id++) place(id, id % 7 === 0 ? 'anna' : null)
    const anna = connect('user:anna')
    await vi.advanceTimersByTimeAsync(500)
    expect(anna.seen).toEqual([7, 14])
  })

  test('moves the cursor of a client that sees nothing, also while there is always something new', async () => {
    const guest = connect('guest')
    const admin = connect('admin')
    for (let id = 1; id <= 35; id++) {
      place(id, 'anna')
      await vi.advanceTimersByTimeAsync(100)
    }
    expect(guest.seen).toEqual([])
    expect(guest.cursors.at(-1)).toBeGreaterThanOrEqual(29)
    expect(guest.cursors.length).toBeLessThanOrEqual(7)
    expect(admin.seen).toHaveLength(35)
  })

  test('leaves a client time to answer a sign of life, however much happens that it does not see', async () => {
    const guest = connect('guest')
    const signed: number[] = []
    guest.signOfLife = () => void signed.push(Date.now())
    for (let id = 1; id <= 90; id++) {
      place(id, 'anna')
      await vi.advanceTimersByTimeAsync(id % 3 === 0 ? 170 : 70)
    }
    const gaps = signed.slice(1).map((at, index) => at - (signed[index] ?? 0))
    expect(gaps.length).toBeGreaterThan(5)
    expect(Math.min(...gaps)).toBeGreaterThanOrEqual(500)
  })

  test('a client that comes back with the cursor it was told has nothing looked through again', async () => {
    for (let id = 1; id <= 50; id++) place(id, 'anna')
    const guest = connect('guest')
    await vi.advanceTimersByTimeAsync(1500)
    guest.open = false
    const before = outbox.reads
    const again = connect('guest', { cursor: BigInt(guest.cursors.at(-1) ?? 0), replaying: true })
    place(51, null, stock)
    await vi.advanceTimersByTimeAsync(100)
    expect(again.seen).toEqual([51])
    expect(outbox.reads - before).toBeLessThanOrEqual(2)
  })

  test('ends a client soon after its token has expired, with and without events, and no other', async () => {
    const expiresAt = Date.now() + 5000
    const [anna, other] = [connect('user:anna', { expiresAt }), connect('admin')]
    await vi.advanceTimersByTimeAsync(4900)
    expect([anna.open, anna.expired]).toEqual([true, false])
    await vi.advanceTimersByTimeAsync(1200)
    expect([anna.open, anna.expired, other.open, hub.size]).toEqual([false, true, true, 1])
  })

  test('sends nothing to a client any more whose token has expired', async () => {
    const anna = connect('user:anna', { expiresAt: Date.now() + 300 })
    await vi.advanceTimersByTimeAsync(350)
    place(1, 'anna')
    await vi.advanceTimersByTimeAsync(100)
    expect([anna.seen, anna.expired]).toEqual([[], true])
  })
})
