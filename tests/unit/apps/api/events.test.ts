import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { lastEventId, startAfter } from '../../../../apps/api/events/cursor.ts'
import { drain, spread } from '../../../../apps/api/events/drain.ts'
import { Feed } from '../../../../apps/api/events/feed.ts'
import { EventHub } from '../../../../apps/api/events/hub.ts'
import { frame } from '../../../../apps/api/events/sse.ts'
import { message } from '../../../../apps/api/events/websocket.ts'
import { anEvent, FakeClient, FakeOutbox } from './fakes.ts'

describe('the cursor', () => {
  test('is what EventSource says on reconnecting, before what the address says', () => {
    expect(lastEventId('12', '3')).toBe(12n)
    expect(lastEventId(undefined, '3')).toBe(3n)
    expect(lastEventId('', '')).toBeUndefined()
  })

  test.each(['-1', '1.5', 'abc', '9223372036854775808', '1'.repeat(30)])('cannot be %s', (id) => {
    expect(() => lastEventId(id, undefined)).toThrow('last_event_id')
  })

  test('begins now without an id, and with one from the future', () => {
    expect(startAfter(undefined, 40n)).toBe(40n)
    expect(startAfter(99n, 40n)).toBe(40n)
    expect(startAfter(7n, 40n)).toBe(7n)
  })
})

test('an event has its id in both wire formats', () => {
  expect(frame(anEvent(5))).toMatch(/^id: 5\nevent: order\.created\ndata: \{"order_id":.*\}\n\n$/)
  expect(JSON.parse(message(anEvent(5)))).toMatchObject({
    id: 5,
    event: 'order.created',
    data: { status: 'pending' },
  })
})

describe('the hub', () => {
  let outbox: FakeOutbox
  let hub: EventHub
  const clients: FakeClient[] = []

  beforeEach(() => {
    vi.useFakeTimers()
    outbox = new FakeOutbox()
    const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms))
    hub = new EventHub(new Feed(outbox, { pollMs: 250, pulseMs: 1000, kept: 5, page: 3 }), pause)
  })
  afterEach(async () => {
    for (const client of clients.splice(0)) client.open = false
    await vi.advanceTimersByTimeAsync(2000)
    vi.useRealTimers()
  })

  const connect = (after: number, client = new FakeClient()) => {
    clients.push(client)
    void hub.serve(client, { viewer: 'admin', cursor: BigInt(after), replaying: after > 0 })
    return client
  }

  test('replays what a client missed, page by page, and goes on live without a gap', async () => {
    outbox.add(1, 2, 3, 4, 5, 6, 7, 8)
    const client = connect(1)
    await vi.advanceTimersByTimeAsync(0)
    outbox.add(9)
    await vi.advanceTimersByTimeAsync(250)
    outbox.add(12)
    await vi.advanceTimersByTimeAsync(250)
    expect(client.seen).toEqual([2, 3, 4, 5, 6, 7, 8, 9, 12])
  })

  test('loses nothing when events come in during the replay', async () => {
    outbox.add(1, 2, 3, 4)
    const client = connect(0)
    const read = outbox.read.bind(outbox)
    let next = 5
    outbox.read = async (after, limit) => {
      const page = await read(after, limit)
      if (next <= 20) outbox.add(next++)
      return page
    }
    await vi.advanceTimersByTimeAsync(10_000)
    expect(client.seen).toEqual(Array.from({ length: 20 }, (_, index) => index + 1))
  })

  test('reads the outbox once for many clients', async () => {
    outbox.add(1)
    const many = Array.from({ length: 50 }, () => connect(1))
    await vi.advanceTimersByTimeAsync(250)
    const before = outbox.reads
    outbox.add(2, 3)
    await vi.advanceTimersByTimeAsync(250)
    expect(outbox.reads).toBe(before + 1)
    expect(many.every((client) => client.seen.join() === '2,3')).toBe(true)
  })

  test('a slow client holds up nobody and still gets everything', async () => {
    const slow = new FakeClient()
    const taken = Promise.withResolvers<void>()
    const send = slow.send.bind(slow)
    slow.send = async (events) => {
      await taken.promise
      await send(events)
    }
    connect(0, slow)
    const fast = connect(0)
    await vi.advanceTimersByTimeAsync(0)
    for (let id = 1; id <= 30; id++) {
      outbox.add(id)
      await vi.advanceTimersByTimeAsync(250)
    }
    expect([fast.seen.length, slow.seen.length]).toEqual([30, 0])
    taken.resolve()
    await vi.advanceTimersByTimeAsync(250)
    expect(slow.seen).toEqual(fast.seen)
  })

  test('shows signs of life while nothing happens, and polls only while somebody listens', async () => {
    const client = connect(0)
    await vi.advanceTimersByTimeAsync(3100)
    expect(client.cursors.length).toBeGreaterThanOrEqual(3)
    client.open = false
    await vi.advanceTimersByTimeAsync(2000)
    const before = outbox.reads
    await vi.advanceTimersByTimeAsync(5000)
    expect([outbox.reads - before, hub.size]).toEqual([0, 0])
  })

  test('keeps its clients while the database is away', async () => {
    const client = connect(0)
    await vi.advanceTimersByTimeAsync(250)
    outbox.lost = true
    await vi.advanceTimersByTimeAsync(5000)
    outbox.lost = false
    outbox.add(1)
    await vi.advanceTimersByTimeAsync(2000)
    expect([client.open, client.seen]).toEqual([true, [1]])
  })

  test('drains who is there and serves who comes later', async () => {
    const before = [connect(0), connect(0, new FakeClient('websocket'))]
    const drained = hub.drain(1000)
    const later = connect(0)
    await vi.advanceTimersByTimeAsync(1000)
    expect(await drained).toEqual({ websockets: 1, streams: 1 })
    expect([...before, later].map(({ open }) => open)).toEqual([false, false, true])
  })

  test('when closed, it ends who comes later too', async () => {
    await hub.close(0)
    expect(connect(0).open).toBe(false)
  })
})

describe('a drain window', () => {
  test('gives each client an equal slice and a random moment in it', () => {
    expect(spread(4, 1000, () => 0)).toEqual([0, 250, 500, 750])
    expect(spread(4, 1000, () => 0.999)).toEqual([249, 499, 749, 999])
    expect(spread(0, 1000)).toEqual([])
  })

  test('ends the clients one by one over the window, not all at once', async () => {
    let now = 0
    const ended: number[] = []
    const clients = Array.from({ length: 10 }, () => ({
      kind: 'stream' as const,
      end: () => void ended.push(now),
    }))
    await drain(clients, 5000, async (ms) => {
      now += ms
    })
    expect(ended).toHaveLength(10)
    expect(new Set(ended.map((moment) => Math.floor(moment / 500))).size).toBe(10)
    expect(now).toBeLessThanOrEqual(5000)
  })
})
