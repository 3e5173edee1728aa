import { createHash } from 'node:crypto'
import http from 'node:http'
import type { AddressInfo } from 'node:net'
import { WebSocketServer } from 'ws'
import type { Ledger, StoredEvent, StoredOrder } from '../../load/ledger.ts'

/** What the shop in memory does wrong; without any it behaves as the real one. */
export type Defects = {
  /** Destroy the connection of every nth page of products. */
  dropEvery?: number
  /** Answer every nth page of products with 503. */
  failEvery?: number
  /** End event streams after so many events: with the hint, or without, or by a reset. */
  streamEnd?: { after: number; how: 'hint' | 'silent' | 'reset' }
  /** Close WebSockets after so many events with this code; 1006 destroys the socket. */
  socketEnd?: { after: number; code: number }
  /** Leave this event out of live streams. */
  skipEvent?: number
  order?: 'lost' | 'executed twice' | 'stored twice' | 'stored but refused' | 'never executed'
  corruptUploads?: boolean
}

/** What the shop in memory demands: of every request, and of whoever follows the events. */
export type Terms = { exempt?: string; token?: string }

export type FakeShop = { url: string; ledger: Ledger; close(): Promise<void> }

/** The shop's public API in memory, listening on a free port of the loopback address. */
export async function fakeShop(defects: Defects = {}, terms: Terms = {}): Promise<FakeShop> {
  const orders: StoredOrder[] = []
  const log: StoredEvent[] = []
  const readers = new Set<(event: StoredEvent) => void>()
  let requests = 0
  let colour = 'blue'

  const publish = (event: string, orderId: string): void => {
    const entry = { id: log.length + 1, event, orderId, stock: true }
    log.push(entry)
    for (const reader of readers) if (entry.id !== defects.skipEvent) reader(entry)
  }

  const place = (key: string): string => {
    const id = String(orders.length + 1)
    const completions = { 'executed twice': 2, 'never executed': 0 }[defects.order as string] ?? 1
    const order = { id, key, status: 'completed', completions }
    if (defects.order !== 'lost') orders.push(order)
    if (defects.order === 'stored twice') orders.push({ ...order, id: `${id}b` })
    publish('order.created', id)
    publish('order.completed', id)
    return id
  }

  const subscribe = (
    lastId: string | undefined,
    hello: (id: number) => void,
    reader: (e: StoredEvent) => void,
  ) => {
    if (lastId === undefined) hello(log.length)
    else for (const event of log.slice(Number(lastId))) reader(event)
    readers.add(reader)
    return () => readers.delete(reader)
  }

  const stream = (request: http.IncomingMessage, response: http.ServerResponse): void => {
    response.writeHead(200, { 'content-type': 'text/event-stream', 'x-served-by': colour })
    response.flushHeaders()
    let sent = 0
    const leave = subscribe(
      request.headers['last-event-id'] as string | undefined,
      (id) => response.write(`event: hello\nid: ${id}\ndata: {}\n\n`),
      ({ id, event, orderId }) => {
        if (response.writableEnded || response.destroyed) return
        response.write(`id: ${id}\nevent: ${event}\ndata: {"order_id":"${orderId}","stock":[]}\n\n`)
        sent += 1
        if (sent !== defects.streamEnd?.after) return
        if (defects.streamEnd.how === 'reset') response.destroy()
        else response.end(defects.streamEnd.how === 'hint' ? 'retry: 5\n\n' : undefined)
      },
    )
    response.on('close', leave)
  }

  const isThrottled = ({ headers }: http.IncomingMessage): boolean =>
    terms.exempt !== undefined && headers['x-ecomweb-exempt'] !== terms.exempt

  const server = http.createServer((request, response) => {
    const { pathname } = new URL(request.url as string, 'http://shop')
    const answer = (status: number, body: unknown): void => {
      response.writeHead(status, { 'content-type': 'application/json', 'x-served-by': colour })
      response.end(JSON.stringify(body))
    }
    if (isThrottled(request)) return answer(429, { error: 'too many requests' })
    if (pathname === '/colour') {
      colour = request.headers['x-colour'] as string
      return answer(200, {})
    }
    if (pathname === '/api/products') {
      requests += 1
      if (defects.dropEvery && requests % defects.dropEvery === 0) return void request.socket.destroy()
      if (defects.failEvery && requests % defects.failEvery === 0) return answer(503, { error: 'no server' })
      return answer(200, { products: [{ id: 1, stock: 1_000_000 }] })
    }
    if (pathname === '/slow') return answer(200, {})
    if (pathname === '/api/orders/events') {
      const isKnown = !terms.token || request.headers.authorization === `Bearer ${terms.token}`
      return isKnown ? stream(request, response) : answer(401, { error: 'who are you' })
    }
    if (request.method === 'GET') {
      const order = orders.find(({ id }) => pathname === `/api/orders/${id}`)
      return answer(order ? 200 : 404, { order })
    }
    const hash = createHash('sha256')
    let bytes = 0
    request.on('data', (chunk: Buffer) => {
      hash.update(chunk)
      bytes += chunk.length
    })
    request.on('end', () => {
      if (pathname === '/api/orders') {
        const id = place(request.headers['idempotency-key'] as string)
        if (defects.order === 'stored but refused') return answer(500, { error: 'sorry' })
        return answer(201, { order: { id, status: 'pending' } })
      }
      const sha256 = defects.corruptUploads ? 'other' : hash.digest('hex')
      answer(201, { id: 'picture', bytes, sha256, url: '/api/uploads/picture' })
    })
  })

  const sockets = new WebSocketServer({ noServer: true })
  sockets.on('headers', (headers) => headers.push(`X-Served-By: ${colour}`))
  server.on('upgrade', (request, socket, head) => {
    const isKnown = request.headers['sec-websocket-protocol'] === `ecomweb.events,bearer.${terms.token}`
    if (isThrottled(request) || (terms.token && !isKnown))
      return socket.end('HTTP/1.1 401 Unauthorized\r\n\r\n')
    sockets.handleUpgrade(request, socket, head, (client) => {
      let sent = 0
      const url = new URL(request.url as string, 'http://shop')
      const leave = subscribe(
        url.searchParams.get('last_event_id') ?? undefined,
        (id) => client.send(JSON.stringify({ event: 'hello', id })),
        ({ id, event, orderId }) => {
          if (client.readyState !== client.OPEN) return
          client.send(JSON.stringify({ id, event, data: { order_id: orderId, stock: [] } }))
          sent += 1
          if (sent !== defects.socketEnd?.after) return
          if (defects.socketEnd.code === 1006) client.terminate()
          else client.close(defects.socketEnd.code)
        },
      )
      client.on('close', leave)
    })
  })

  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    ledger: {
      orders: async (run) => orders.filter(({ key }) => key.startsWith(run)),
      events: async (after, upTo) => log.filter(({ id }) => id > after && id <= upTo),
    },
    async close() {
      for (const client of sockets.clients) client.terminate()
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}
