import { type IncomingMessage, type Server, STATUS_CODES } from 'node:http'
import type { Duplex } from 'node:stream'
import type { WebSocketServer } from 'ws'
import type { Log } from '../../core/log.ts'
import type { AccessTokens } from '../auth/principal.ts'
import { HttpError } from '../errors.ts'
import { requestId } from '../request-id.ts'
import { lastEventId } from './cursor.ts'
import type { EventHub } from './hub.ts'
import { accessTokenOf, selectSubprotocol } from './subprotocol.ts'
import { viewerOf } from './viewer.ts'
import { openSocket } from './websocket.ts'

const PATH = '/api/orders/ws'

/** Serves the WebSocket of events on an HTTP server. Whom a token does not let in is refused before the upgrade. */
export function acceptWebSockets(server: Server, hub: EventHub, log: Log, tokens: AccessTokens): void {
  let sockets: Promise<WebSocketServer> | undefined
  server.on('upgrade', async (request: IncomingMessage, connection: Duplex, head: Buffer) => {
    connection.on('error', () => connection.destroy())
    const id = requestIdOf(request)
    try {
      const url = new URL(request.url ?? '/', 'http://localhost')
      if (url.pathname !== PATH) throw new HttpError(404, `there is no WebSocket at ${url.pathname}`)
      if (request.method !== 'GET') throw new HttpError(405, 'a WebSocket is opened with GET')
      const token = accessTokenOf(request.headers)
      const principal = token === undefined ? undefined : await tokens.verify(token)
      const requested = lastEventId(undefined, url.searchParams.get('last_event_id'))
      const cursor = await hub.locate(requested)
      sockets ??= load()
      const accepting = await sockets
      accepting.handleUpgrade(request, connection, head, (socket) => {
        const subscription = {
          viewer: viewerOf(principal),
          expiresAt: principal?.expiresAt,
          cursor,
          replaying: requested !== undefined,
        }
        hub.serve(openSocket(socket), subscription).catch((error) => {
          log.error({ err: error, requestId: id }, 'a WebSocket failed')
          socket.terminate()
        })
      })
    } catch (error) {
      if (!(error instanceof HttpError)) log.error({ err: error, requestId: id }, 'a WebSocket was refused')
      refuse(connection, request, error)
    }
  })
}

/** Loaded with the first client: a process without any does not pay for it. */
async function load(): Promise<WebSocketServer> {
  const { WebSocketServer } = await import('ws')
  const accepting = new WebSocketServer({
    noServer: true,
    maxPayload: 4096,
    handleProtocols: selectSubprotocol,
  })
  accepting.on('headers', (headers, request) => headers.push(`X-Request-ID: ${requestIdOf(request)}`))
  accepting.on('wsClientError', (error, connection, request) => {
    refuse(connection, request, new HttpError(400, `no WebSocket: ${error.message}`))
  })
  return accepting
}

const ids = new WeakMap<IncomingMessage, string>()

function requestIdOf(request: IncomingMessage): string {
  const id = ids.get(request) ?? requestId(request)
  ids.set(request, id)
  return id
}

function refuse(connection: Duplex, request: IncomingMessage, error: unknown): void {
  const id = requestIdOf(request)
  const { status, message } =
    error instanceof HttpError ? error : new HttpError(503, 'events are not available at the moment')
  const title = STATUS_CODES[status]
  const problem = { type: 'about:blank', title, status, detail: message, request_id: id, error: message }
  const body = JSON.stringify(problem)
  connection.end(
    [
      `HTTP/1.1 ${status} ${title}`,
      'Content-Type: application/problem+json',
      `Content-Length: ${Buffer.byteLength(body)}`,
      `X-Request-ID: ${id}`,
      'Connection: close',
      '',
      // An answer to HEAD has the headers alone.
      request.method === 'HEAD' ? '' : body,
    ].join('\r\n'),
  )
}
