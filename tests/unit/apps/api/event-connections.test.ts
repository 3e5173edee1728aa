import { once } from 'node:events'
import { type IncomingMessage, request } from 'node:http'
import { pino } from 'pino'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { WebSocket } from 'ws'
import { Feed } from '../../../../apps/api/events/feed.ts'
import { EventHub } from '../../../../apps/api/events/hub.ts'
import { acceptWebSockets } from '../../../../apps/api/events/upgrade.ts'
import { type Running, startApp } from './app.fixture.ts'
import { anEvent, FakeOutbox, fakeTokens } from './fakes.ts'

const stock = [{ product_id: 3, stock: 9 }]
let app: Running
let outbox: FakeOutbox
let logged: string
let expiresAt: number | undefined
const sockets: WebSocket[] = []

beforeEach(async () => {
  outbox = new FakeOutbox()
  logged = ''
  expiresAt = undefined
  const log = pino(
    { level: 'trace' },
    {
      write(line) {
        logged += line
      },
    },
  )
  const known = fakeTokens({ id: 'anna', role: 'user' }, { id: 'root', role: 'admin' })
  const tokens = {
    verify: async (token: string) => ({ ...(await known.verify(token)), ...(expiresAt && { expiresAt }) }),
  }
  const events = new EventHub(new Feed(outbox, { pollMs: 5, pulseMs: 300 }))
  app = await startApp({ log, tokens, events })
  acceptWebSockets(app.server, events, log, tokens)
})
afterEach(() => {
  for (const socket of sockets.splice(0)) socket.terminate()
  return app.close()
})

type Told = { id: number; event: string; data?: unknown }

/** Opens a WebSocket; `told` is what it has heard so far. */
function open(protocols: string[] = [], headers: Record<string, string> = {}) {
  const url = `${app.url.replace('http', 'ws')}/api/orders/ws?last_event_id=0`
  const socket = new WebSocket(url, protocols, { headers })
  const told: Told[] = []
  sockets.push(socket)
  socket.on('error', () => {})
  socket.on('message', (data) => told.push(JSON.parse(String(data))))
  return { socket, told }
}

/** Reads an event stream until a text is in it, or to its end. */
async function readUntil(text: string | undefined, token?: string): Promise<string> {
  const reading = new AbortController()
  const response = await fetch(`${app.url}/api/orders/events`, {
    headers: { 'last-event-id': '0', ...(token && { authorization: `Bearer ${token}` }) },
    signal: reading.signal,
  })
  let read = ''
  for await (const part of response.body?.pipeThrough(new TextDecoderStream()) ?? []) {
    read += part
    if (text && read.includes(text)) break
  }
  reading.abort()
  return read
}

const idsUntilLast = async ({ socket, told }: ReturnType<typeof open>) => {
  while (told.at(-1)?.id !== 4) await once(socket, 'message')
  return told.filter(({ event }) => event !== 'hello').map(({ id, event }) => [id, event])
}

describe('a stream', () => {
  beforeEach(() => {
    outbox.events.push(anEvent(1, { userId: 'anna', stock }), anEvent(2, { userId: 'anna' }))
    outbox.events.push(anEvent(3), anEvent(4, { userId: 'bert', stock }))
  })

  test('carries what the token of its Authorization header may see', async () => {
    const events = (text: string) => [...text.matchAll(/^event: (.*)$/gm)].map(([, event]) => event)
    expect(events(await readUntil('id: 4\n'))).toEqual(['stock.changed', 'stock.changed'])
    expect(events(await readUntil('id: 4\n', 'anna'))).toEqual([
      'order.created',
      'order.created',
      'stock.changed',
    ])
    expect(events(await readUntil('id: 4\n', 'root'))).toEqual(Array(4).fill('order.created'))
  })

  test('tells a guest nothing of whose order moved the stock', async () => {
    const text = await readUntil('id: 4\n')
    expect(text).toContain('data: {"stock":[{"product_id":3,"stock":9}],"at":"now"}')
    expect(text).not.toMatch(/anna|bert|order/)
  })

  test('of a token that is not accepted is refused', async () => {
    const response = await fetch(`${app.url}/api/orders/events`, { headers: { authorization: 'Bearer no' } })
    expect(response.status).toBe(401)
  })

  test('that is only asked about by HEAD has the headers of one, and an end', async () => {
    const response = await fetch(`${app.url}/api/orders/events`, { method: 'HEAD' })
    expect([response.status, response.headers.get('content-type')]).toEqual([
      200,
      'text/event-stream; charset=utf-8',
    ])
  })

  test('moves the cursor past what it does not carry, by an id without data', async () => {
    outbox.events.push(anEvent(5, { userId: 'anna' }))
    expect(await readUntil('id: 5\n\n')).not.toContain('id: 5\nevent')
  })

  test('ends with a retry hint once its token has expired', async () => {
    expiresAt = Date.now() + 100
    expect(await readUntil(undefined, 'anna')).toMatch(/expired\nretry: \d+\n\n$/)
  })
})

describe('what cannot become a WebSocket is refused as everything else is:', () => {
  const ask = async (method: string, headers: Record<string, string>) => {
    const asking = request(`${app.url}/api/orders/ws`, {
      method,
      headers: { connection: 'Upgrade', upgrade: 'websocket', ...headers },
    })
    const [response] = (await once(asking.end(), 'response')) as [IncomingMessage]
    let text = ''
    for await (const part of response.setEncoding('utf8')) text += part
    return [response.statusCode, response.headers['content-type'], text && JSON.parse(text).status]
  }

  test('by another method', async () => {
    expect(await ask('PATCH', {})).toEqual([405, 'application/problem+json', 405])
    expect(await ask('HEAD', {})).toEqual([405, 'application/problem+json', ''])
  })

  test('without a key', async () => {
    expect(await ask('GET', { 'sec-websocket-version': '13' })).toEqual([
      400,
      'application/problem+json',
      400,
    ])
  })
})

describe('a WebSocket', () => {
  beforeEach(() => {
    outbox.events.push(anEvent(1, { userId: 'anna', stock }), anEvent(2, { userId: 'anna' }))
    outbox.events.push(anEvent(3), anEvent(4, { userId: 'bert', stock }))
  })

  test('carries what the token of its subprotocols may see', async () => {
    expect(await idsUntilLast(open(['ecomweb.events', 'bearer.anna']))).toEqual([
      [1, 'order.created'],
      [2, 'order.created'],
      [4, 'stock.changed'],
    ])
    expect(await idsUntilLast(open(['bearer.root', 'ecomweb.events']))).toHaveLength(4)
    expect(await idsUntilLast(open([], { authorization: 'Bearer root' }))).toHaveLength(4)
    expect(await idsUntilLast(open())).toEqual([
      [1, 'stock.changed'],
      [4, 'stock.changed'],
    ])
  })

  test('speaks its protocol and never repeats the token, neither to the client nor to the log', async () => {
    const { socket } = open(['bearer.anna', 'ecomweb.events'])
    const [response] = (await once(socket, 'upgrade')) as [IncomingMessage]
    expect(response.headers['sec-websocket-protocol']).toBe('ecomweb.events')
    expect(response.rawHeaders.join()).not.toContain('anna')
    await readUntil('id: 4\n', 'anna')
    expect(logged).not.toContain('anna')
  })

  test.each([
    ['a token that is not accepted', ['ecomweb.events', 'bearer.secret'], {}],
    ['a header that is not a token', [], { authorization: 'Basic c2VjcmV0' }],
  ])('of %s is refused before the upgrade', async (_, protocols, headers) => {
    const { socket } = open(protocols, headers)
    const [, response] = (await once(socket, 'unexpected-response')) as [unknown, IncomingMessage]
    let body = ''
    for await (const part of response) body += part
    expect(response.statusCode).toBe(401)
    expect(response.headers['content-type']).toBe('application/problem+json')
    expect(JSON.parse(body)).toMatchObject({
      title: 'Unauthorized',
      status: 401,
      request_id: response.headers['x-request-id'],
    })
    expect(body + logged).not.toMatch(/secret|c2VjcmV0/)
  })

  test('is told how far it has come past what it does not see', async () => {
    outbox.events.push(anEvent(5, { userId: 'anna' }))
    const { socket, told } = open()
    while (told.at(-1)?.event !== 'cursor') await once(socket, 'message')
    expect(told.map(({ id, event }) => `${event} ${id}`)).toEqual([
      'hello 0',
      'stock.changed 1',
      'stock.changed 4',
      'cursor 5',
    ])
  })

  test('closes with 4401 once its token has expired', async () => {
    expiresAt = Date.now() + 100
    const [code, reason] = await once(open(['ecomweb.events', 'bearer.anna']).socket, 'close')
    expect([code, String(reason)]).toEqual([4401, 'the access token has expired'])
  })
})
