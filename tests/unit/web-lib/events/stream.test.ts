import { describe, expect, it } from 'vitest'
import { connectEvents, type EventsOptions, type ShopEvent } from '../../../../apps/web/lib/events/connect.ts'
import { fakePage } from '../failover/network.ts'
import { FakeClock, settled } from '../fake-clock.ts'
import { fakeSockets } from './fake-socket.ts'

type Request = { url: string; headers: Headers; signal: AbortSignal | undefined }

/** A server of event streams; each answer is a stream that the test writes. */
function fakeStreams() {
  const requests: Request[] = []
  let writer: ReadableStreamDefaultController<Uint8Array> | undefined
  const answer = { status: 200, away: false }
  return {
    requests,
    answer,
    fetch: async (url: string, init: RequestInit = {}): Promise<Response> => {
      requests.push({ url, headers: new Headers(init.headers), signal: init.signal ?? undefined })
      if (answer.away) throw new TypeError('fetch failed')
      if (answer.status !== 200) return Response.json({ error: 'no' }, { status: answer.status })
      const body = new ReadableStream<Uint8Array>({
        start(controller) {
          writer = controller
        },
      })
      return new Response(body, { headers: { 'Content-Type': 'text/event-stream; charset=utf-8' } })
    },
    async write(text: string): Promise<void> {
      for (const byte of new TextEncoder().encode(text)) writer?.enqueue(new Uint8Array([byte]))
      await settled()
    },
    async end(): Promise<void> {
      writer?.close()
      await settled()
    },
  }
}

async function open(options: Partial<EventsOptions> = {}) {
  const clock = new FakeClock()
  const streams = fakeStreams()
  const received: ShopEvent[] = []
  const events = connectEvents({
    url: 'https://shop.example',
    onEvent: (event) => received.push(event),
    WebSocket: null,
    fetch: streams.fetch,
    clock,
    page: fakePage(),
    random: () => 0.999,
    ...options,
  })
  await settled()
  return { clock, streams, received, events }
}

describe('the event stream', () => {
  it('carries the events where there are no WebSockets, and continues after the newest', async () => {
    const { clock, streams, received } = await open({ token: () => 'a.b.c' })
    expect(streams.requests[0]?.url).toBe('https://shop.example/api/orders/events')
    expect(streams.requests[0]?.headers.get('Authorization')).toBe('Bearer a.b.c')
    await streams.write('id: 4\nevent: hello\ndata: {}\n\n')
    await streams.write('id: 5\nevent: order.created\ndata: {"name":"Käse"}\n\n: \n\n')
    await streams.write('id: 9\n\nid: 5\nevent: order.created\ndata: {}\n\nretry: 400\n\n')
    expect(received).toEqual([{ id: '5', event: 'order.created', data: { name: 'Käse' } }])
    await streams.end()
    expect(clock.due).toEqual([400])
    await clock.advance(400)
    expect(streams.requests[1]?.headers.get('Last-Event-ID')).toBe('9')
  })

  it('asks for a fresh token after 401', async () => {
    const asked: boolean[] = []
    const token = (fresh: boolean) => {
      asked.push(fresh)
      return fresh ? 'new' : 'old'
    }
    const { clock, streams } = await open({ token })
    streams.answer.status = 401
    await streams.end()
    await clock.next()
    await clock.next()
    expect(asked).toEqual([false, false, true])
    expect(streams.requests.at(-1)?.headers.get('Authorization')).toBe('Bearer new')
  })

  it('is given up when it is silent, and when it is closed', async () => {
    const { clock, streams, events } = await open()
    for (let turn = 0; turn < 4; turn++) {
      await clock.advance(40_000)
      await streams.write(': \n\n')
    }
    expect(streams.requests).toHaveLength(1)
    await clock.advance(47_000)
    expect(streams.requests[0]?.signal?.aborted).toBe(true)
    expect(streams.requests).toHaveLength(2)
    events.close()
    expect(streams.requests[1]?.signal?.aborted).toBe(true)
    expect(clock.pending).toBe(0)
  })
})

describe('the way', () => {
  const refuse = async (sockets: ReturnType<typeof fakeSockets>, clock: FakeClock) => {
    sockets.last.end(1006)
    await clock.next()
  }

  it('is a stream after three WebSockets that did not open, and WebSocket again ten minutes later', async () => {
    const sockets = fakeSockets()
    const { clock, streams } = await open({ WebSocket: sockets.WebSocket, silenceMs: 10_000_000 })
    for (let turn = 0; turn < 3; turn++) await refuse(sockets, clock)
    expect([sockets.made.length, streams.requests.length]).toEqual([3, 1])
    await streams.end()
    await clock.next()
    expect([sockets.made.length, streams.requests.length]).toEqual([3, 2])
    await clock.advance(600_000)
    await streams.end()
    await clock.next()
    expect([sockets.made.length, streams.requests.length]).toEqual([4, 2])
  })

  it('stays WebSocket when the server was away altogether', async () => {
    const sockets = fakeSockets()
    const { clock, streams } = await open({ WebSocket: sockets.WebSocket })
    streams.answer.away = true
    for (let turn = 0; turn < 3; turn++) await refuse(sockets, clock)
    expect(streams.requests).toHaveLength(1)
    await clock.next()
    expect([sockets.made.length, streams.requests.length]).toEqual([4, 1])
  })

  it('is a stream where WebSockets are forbidden', async () => {
    const forbidden = class {
      constructor() {
        throw new DOMException('insecure', 'SecurityError')
      }
    }
    const { clock, streams } = await open({ WebSocket: forbidden as never })
    for (let turn = 0; turn < 3; turn++) await clock.next()
    expect(streams.requests).toHaveLength(1)
  })
})
