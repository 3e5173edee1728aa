import { describe, expect, it } from 'vitest'
import { settled } from '../fake-clock.ts'
import { connected, created } from './connected.ts'

describe('a WebSocket of events', () => {
  it('is opened for guests without a token, for users with it as a subprotocol', async () => {
    const guest = await connected()
    expect(guest.sockets.last.url.href).toBe('wss://shop.example/api/orders/ws')
    expect(guest.sockets.last.protocols).toEqual(['ecomweb.events'])
    const user = await connected({ token: () => 'a.b.c', url: () => 'http://localhost:8080/' })
    expect(user.sockets.last.url.href).toBe('ws://localhost:8080/api/orders/ws')
    expect(user.sockets.last.protocols).toEqual(['ecomweb.events', 'bearer.a.b.c'])
  })

  it('hands each event over once, in order', async () => {
    const { sockets, received, ids } = await connected()
    sockets.last.accept()
    sockets.last.say({ event: 'hello', id: 5 })
    for (const id of [6, 6, 5, 7, 3, 8]) sockets.last.say(created(id))
    expect(ids()).toEqual(['6', '7', '8'])
    expect(received[0]).toEqual({ id: '6', event: 'order.created', data: { order_id: 'x' } })
  })

  it('tells ids apart that numbers cannot', async () => {
    const { sockets, ids } = await connected()
    sockets.last.accept()
    for (const id of ['9007199254740992', '9007199254740993']) {
      sockets.last.say(`{"id":${id},"event":"order.created","data":{"id":1}}`)
      sockets.last.say(created(id))
    }
    expect(ids()).toEqual(['9007199254740992', '9007199254740993'])
  })

  it('ignores what it does not understand', async () => {
    const { sockets, ids, events } = await connected()
    sockets.last.accept()
    for (const text of ['', '{', 'null', '[]', '{"id":"x","event":"a"}', '{"id":1}', '{"event":"a"}']) {
      sockets.last.say(text)
    }
    expect(ids()).toEqual([])
    expect(events.state).toBe('open')
  })
})

describe('after a connection has ended', () => {
  it.each([
    ['the newest event', [created(6), created(7)], '7'],
    ['the hello of the server', [], '5'],
    ['a cursor', [{ event: 'cursor', id: 40 }], '40'],
  ])('it continues after %s', async (_, messages, expected) => {
    const { clock, sockets } = await connected()
    sockets.last.accept()
    sockets.last.say({ event: 'hello', id: 5 })
    for (const message of messages) sockets.last.say(message)
    sockets.last.end(1001)
    await clock.advance(1500)
    expect(sockets.made).toHaveLength(2)
    expect(sockets.last.url.searchParams.get('last_event_id')).toBe(expected)
  })

  it.each([1001, 1012])(
    'it is back within 1.5 s when the server went away on purpose (%i), each time',
    async (code) => {
      const { clock, sockets, states } = await connected()
      for (let turn = 1; turn <= 5; turn++) {
        sockets.last.accept()
        sockets.last.end(code)
        expect(clock.due).toHaveLength(1)
        await clock.advance(1500)
        expect(sockets.made).toHaveLength(turn + 1)
      }
      expect(states.slice(0, 4)).toEqual(['connecting', 'open', 'waiting', 'connecting'])
    },
  )

  it('waits longer after each failure, at most a minute, and starts anew once a connection held', async () => {
    const { clock, sockets } = await connected()
    const waits: number[] = []
    for (let turn = 0; turn < 12; turn++) {
      sockets.last.accept()
      sockets.last.end(1006)
      waits.push(Math.round(clock.due[0] ?? 0))
      await clock.next()
    }
    expect(waits.slice(0, 4)).toEqual([1499, 2997, 5994, 11_988])
    expect(Math.max(...waits)).toBe(59_940)
    sockets.last.accept()
    await clock.advance(10_000)
    sockets.last.end(1006)
    expect(clock.due.map(Math.round)).toEqual([1499])
  })

  it('spreads clients over the whole wait', async () => {
    for (const random of [0, 0.25, 0.5]) {
      const { clock, sockets } = await connected({ random: () => random })
      sockets.last.accept()
      sockets.last.end(1012)
      expect(clock.due).toEqual([1500 * random])
    }
  })

  it('does not wait once the page is shown, or the browser online, again', async () => {
    const { sockets, page } = await connected()
    sockets.last.end(1006)
    page.set(true)
    await settled()
    expect(sockets.made).toHaveLength(1)
    page.set(false)
    await settled()
    expect(sockets.made).toHaveLength(2)
  })
})
