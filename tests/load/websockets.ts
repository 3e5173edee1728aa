import { WebSocket } from 'ws'
import { servedBy } from './http.ts'
import { type Connect, subscribers } from './subscribers.ts'
import type { Streams, Target } from './target.ts'
import type { Trail } from './trail.ts'

const NORMAL = 1000
const GOING_AWAY = 1001
const TOKEN_EXPIRED = 4401

/** Dashboards on WebSockets: the same events, the same way back to them. */
export const webSockets = (target: Target, size: Streams, trails: Trail[]): Promise<void> =>
  subscribers('websocket', target, size, trails, follow(target.url))

/** The server may close with 1001 (going away) or 4401 (the token's time is up) only; a lost connection shows as 1006. */
const follow =
  (url: URL): Connect =>
  (visit, { client, token, trail, attempt }) => {
    const address = new URL('/api/orders/ws', url)
    address.protocol = url.protocol === 'https:' ? 'wss:' : 'ws:'
    if (trail.lastId !== undefined) address.searchParams.set('last_event_id', String(trail.lastId))
    // As browsers do, which cannot set a header.
    const protocols = token === undefined ? [] : ['ecomweb.events', `bearer.${token}`]
    const socket = new WebSocket(address, protocols, { perMessageDeflate: false, headers: client.headers })
    socket.on('upgrade', (response) => {
      client.keep(response.headers)
      attempt.answered(servedBy(response))
    })
    socket.on('open', () => visit.connected())
    socket.on('message', (data) => {
      try {
        const { id, event } = JSON.parse(String(data)) as { id: number | string; event: string }
        if (event === 'hello') trail.greeted(Number(id))
        else if (event === 'cursor') trail.moved(Number(id))
        else trail.saw(Number(id))
      } catch (error) {
        visit.failed((error as Error).message)
      }
    })
    socket.on('unexpected-response', (_, response) => {
      attempt.answered(servedBy(response))
      visit.failed(`status ${response.statusCode} instead of 101`)
    })
    socket.on('error', (error: NodeJS.ErrnoException) => visit.failed(error.code ?? error.message))
    socket.on('close', (code) => {
      if (visit.leaving || code === GOING_AWAY || code === TOKEN_EXPIRED) visit.ended()
      else visit.failed(`closed by the server with ${code}`)
    })
    return {
      leave: () => {
        if (socket.readyState === WebSocket.OPEN) socket.close(NORMAL)
        else socket.terminate()
      },
    }
  }
