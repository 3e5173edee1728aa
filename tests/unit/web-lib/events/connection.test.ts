import { describe, expect, it } from 'vitest'
import { settled } from '../fake-clock.ts'
import { connected, created } from './connected.ts'

describe('a token', () => {
  it.each([4401, 1008])('that is refused (%i) is replaced by a fresh one', async (code) => {
    const asked: boolean[] = []
    const token = (fresh: boolean) => {
      asked.push(fresh)
      return fresh ? 'new' : 'old'
    }
    const { clock, sockets } = await connected({ token })
    sockets.last.accept()
    sockets.last.end(code)
    await clock.advance(1500)
    expect(asked).toEqual([false, true])
    expect(sockets.last.protocols).toContain('bearer.new')
  })

  it('may be why a WebSocket does not open: one fresh one is tried, not one for each attempt', async () => {
    const asked: boolean[] = []
    const token = (fresh: boolean) => {
      asked.push(fresh)
      return 'a'
    }
    const { clock, sockets } = await connected({ token, fetch: () => new Promise(() => {}) })
    for (let turn = 0; turn < 3; turn++) {
      sockets.last.end(1006)
      await clock.next()
    }
    expect(asked.slice(0, 4)).toEqual([false, true, false, false])
  })

  it('that cannot be had is asked for again later', async () => {
    let away = true
    const token = async () => {
      if (away) throw new Error('no network')
      return 'a'
    }
    const { clock, sockets, states } = await connected({ token })
    expect(sockets.made).toHaveLength(0)
    expect(states).toEqual(['connecting', 'waiting'])
    away = false
    await clock.advance(1500)
    expect(sockets.last.protocols).toContain('bearer.a')
  })
})

describe('silence', () => {
  it('ends a connection, and a sign of life is enough to keep it', async () => {
    const { clock, sockets, states } = await connected()
    sockets.last.accept()
    for (let turn = 0; turn < 5; turn++) {
      await clock.advance(44_000)
      sockets.last.say({ event: 'cursor', id: 1 })
    }
    expect(sockets.made).toHaveLength(1)
    const dead = sockets.last
    await clock.advance(46_500)
    expect(dead.closed).toBe(true)
    expect(sockets.made).toHaveLength(2)
    expect(states).toEqual(['connecting', 'open', 'waiting', 'connecting'])
    dead.say(created(99))
    dead.end(1006)
    expect(states).toHaveLength(4)
  })

  it('is not waited out while connecting either', async () => {
    const { clock, sockets } = await connected()
    await clock.advance(16_500)
    expect(sockets.made).toHaveLength(2)
    expect(sockets.made[0]?.closed).toBe(true)
  })
})

describe('the position', () => {
  it('outlives the page in a storage, and a storage that is forbidden does no harm', async () => {
    const kept = new Map<string, string>()
    const storage = {
      getItem: (key: string) => kept.get(key) ?? null,
      setItem: (key: string, value: string) => void kept.set(key, value),
    }
    const first = await connected({ storage })
    first.sockets.last.accept()
    first.sockets.last.say(created(12))
    const second = await connected({ storage })
    expect(second.sockets.last.url.searchParams.get('last_event_id')).toBe('12')
    const forbidden = () => {
      throw new Error('denied')
    }
    const third = await connected({ storage: { getItem: forbidden, setItem: forbidden } })
    third.sockets.last.accept()
    third.sockets.last.say(created(13))
    expect(third.ids()).toEqual(['13'])
  })

  it('is not sent if it cannot be one', async () => {
    for (const text of ['', 'x', '-1', '9999999999999999999']) {
      const { sockets } = await connected({ storage: { getItem: () => text, setItem: () => {} } })
      expect(sockets.last.url.search).toBe('')
    }
  })

  it('follows a server whose database was restored and counts anew', async () => {
    const { sockets, ids } = await connected()
    sockets.last.accept()
    sockets.last.say(created(1000))
    sockets.last.say({ event: 'hello', id: 10 })
    sockets.last.say(created(11))
    expect(ids()).toEqual(['1000', '11'])
  })
})

describe('the end', () => {
  it('closes everything and says nothing more', async () => {
    const { clock, sockets, events, states, ids } = await connected()
    sockets.last.accept()
    const socket = sockets.last
    events.close()
    expect(socket.closed).toBe(true)
    socket.say(created(1))
    socket.end(1006)
    events.reconnect()
    await clock.advance(600_000)
    expect(clock.pending).toBe(0)
    expect(sockets.made).toHaveLength(1)
    expect(ids()).toEqual([])
    expect(states).toEqual(['connecting', 'open', 'closed'])
  })

  it('is also for a connection whose token is still awaited', async () => {
    const { sockets, events } = await connected({
      token: () => new Promise((resolve) => setImmediate(resolve, 'a')),
    })
    events.close()
    await settled()
    expect(sockets.made.filter((socket) => !socket.closed)).toHaveLength(0)
    expect(events.state).toBe('closed')
  })

  it('is not a reconnection, which replaces the connection at once', async () => {
    const { sockets, events, states } = await connected()
    sockets.last.accept()
    sockets.last.say(created(3))
    events.reconnect()
    await settled()
    expect(sockets.made.map(({ closed }) => closed)).toEqual([true, false])
    expect(sockets.last.url.searchParams.get('last_event_id')).toBe('3')
    expect(states).toEqual(['connecting', 'open', 'connecting'])
  })
})
