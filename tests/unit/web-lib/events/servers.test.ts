import { once } from 'node:events'
import { createServer, type IncomingMessage, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { type WebSocket as Connected, WebSocket, WebSocketServer } from 'ws'
import { connectEvents, type Events } from '../../../../apps/web/lib/events/connect.ts'

const RESTARTS = 20

/** A server with an outbox that outlives it, as the shop's database does: it replays what follows last_event_id. */
class Outbox {
  readonly ids: number[] = []
  #port = 0
  #server: Server | undefined
  #open = new Set<{ next: number; send(id: number): void; soft(): void; cut(): void }>()

  get url(): string {
    return `http://127.0.0.1:${this.#port}`
  }

  get connected(): number {
    return this.#open.size
  }

  async start(): Promise<void> {
    const sockets = new WebSocketServer({ noServer: true, handleProtocols: () => 'ecomweb.events' })
    const server = createServer((request, response) => {
      const last = request.headers['last-event-id']
      response.writeHead(200, { 'Content-Type': 'text/event-stream', Connection: 'close' }).flushHeaders()
      if (!last) response.write(`id: ${this.ids.length}\nevent: hello\ndata: {}\n\n`)
      this.#serve(request, typeof last === 'string' ? last : undefined, {
        send: (id) => response.write(`id: ${id}\nevent: order.created\ndata: {"order_id":${id}}\n\n`),
        soft: () => response.end('retry: 20\n\n'),
        cut: () => response.destroy(),
      })
    })
    server.on('upgrade', (request, socket, head) => {
      const last = new URL(request.url ?? '', 'http://x').searchParams.get('last_event_id') ?? undefined
      sockets.handleUpgrade(request, socket, head, (connected: Connected) => {
        connected.send(`{"event":"hello","id":${last ?? this.ids.length}}`)
        this.#serve(request, last, {
          send: (id) => connected.send(`{"id":${id},"event":"order.created","data":{"order_id":${id}}}`),
          soft: () => connected.close(1001),
          cut: () => connected.terminate(),
        })
      })
    })
    server.listen(this.#port, '127.0.0.1')
    await once(server, 'listening')
    this.#port = (server.address() as AddressInfo).port
    this.#server = server
  }

  /** Ends the server: softly, or as a crash does. */
  async stop(soft: boolean): Promise<void> {
    const server = this.#server as Server
    server.close()
    for (const client of this.#open) soft ? client.soft() : client.cut()
    if (!soft) server.closeAllConnections()
    await once(server, 'close')
  }

  add(): void {
    this.ids.push(this.ids.length + 1)
    this.#flush()
  }

  #serve(
    request: IncomingMessage,
    last: string | undefined,
    wire: { send(id: number): void; soft(): void; cut(): void },
  ) {
    // One id more than was asked for: the client must recognise what it has seen.
    const client = { ...wire, next: Math.max(0, Number(last ?? this.ids.length) - 1) }
    this.#open.add(client)
    request.socket.once('close', () => this.#open.delete(client))
    this.#flush()
  }

  #flush(): void {
    for (const client of this.#open) {
      for (const id of this.ids.slice(client.next)) client.send(id)
      client.next = this.ids.length
    }
  }
}

let outbox: Outbox
let events: Events

afterEach(async () => {
  events.close()
  await outbox.stop(false)
})

describe.each(['WebSocket', 'event stream'])('a server that is restarted, over %s', (way) => {
  it(`loses and doubles no event in ${RESTARTS} restarts, soft and hard`, async () => {
    outbox = new Outbox()
    await outbox.start()
    const seen: number[] = []
    events = connectEvents({
      url: outbox.url,
      WebSocket: way === 'WebSocket' ? WebSocket : null,
      onEvent: ({ data }) => seen.push((data as { order_id: number }).order_id),
      // Short waits: the number of restarts is what matters here.
      random: () => 0.01,
    })
    const arrived = () =>
      vi.waitFor(() => expect(seen.length).toBe(outbox.ids.length), { timeout: 5000, interval: 2 })
    await vi.waitFor(() => expect(outbox.connected).toBe(1), { timeout: 5000, interval: 2 })
    for (let restart = 0; restart < RESTARTS; restart++) {
      outbox.add()
      outbox.add()
      if (restart % 3 === 0) await arrived()
      await outbox.stop(restart % 2 === 0)
      outbox.add()
      await outbox.start()
      outbox.add()
      await vi.waitFor(() => expect(outbox.connected).toBe(1), { timeout: 5000, interval: 2 })
    }
    await arrived()
    expect(seen).toEqual(outbox.ids)
    expect(seen).toHaveLength(RESTARTS * 4)
  }, 30_000)
})
