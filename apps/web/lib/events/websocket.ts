import { parseMessage } from './message.ts'
import type { Listener, Opening, Socket, SocketConstructor, Transport } from './types.ts'

const PROTOCOL = 'ecomweb.events'

/**
 * Opens the WebSocket. Browsers cannot give it a header, so the token travels as one of the subprotocols offered.
 * Errors: as the constructor, where WebSockets are forbidden.
 */
export function openSocket(
  WebSocket: SocketConstructor,
  { url, token, lastEventId }: Opening,
  listener: Listener,
): Transport {
  const address = new URL(`${url}/api/orders/ws`)
  address.protocol = address.protocol.replace('http', 'ws')
  if (lastEventId) address.searchParams.set('last_event_id', lastEventId)
  const socket: Socket = new WebSocket(address.href, token ? [PROTOCOL, `bearer.${token}`] : [PROTOCOL])
  socket.onopen = () => listener.opened()
  socket.onmessage = ({ data }: { data: unknown }) => {
    listener.alive()
    const message = typeof data === 'string' ? parseMessage(data) : undefined
    if (message) listener.message(message)
  }
  socket.onclose = ({ code }: { code: number }) => listener.ended({ code })
  socket.onerror = () => {}
  return {
    close() {
      // Who is left does not report any more: on a dead network the close event may take minutes.
      socket.onopen = socket.onmessage = socket.onclose = null
      socket.close(1000)
    },
  }
}
