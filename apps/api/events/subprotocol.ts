import type { IncomingHttpHeaders } from 'node:http'
import { bearer } from '../auth/principal.ts'

/** The subprotocol that the server speaks and, where it was offered, selects. */
export const SUBPROTOCOL = 'ecomweb.events'

const TOKEN = 'bearer.'

/**
 * The access token of a WebSocket's handshake: from the Authorization header, or since browsers cannot set that, from
 * the offered subprotocols, `ecomweb.events, bearer.<token>`. It is not in the address, which ends up in logs, and never
 * in the answer. Errors: 401 for a header of another form and for an empty token.
 */
export function accessTokenOf(headers: IncomingHttpHeaders): string | undefined {
  const { authorization, 'sec-websocket-protocol': offered = '' } = headers
  if (authorization !== undefined) return bearer(authorization)
  const protocol = offered.split(',').find((item) => item.trim().startsWith(TOKEN))
  return protocol === undefined ? undefined : bearer(`Bearer ${protocol.trim().slice(TOKEN.length)}`)
}

/** Of the offered subprotocols only the one that carries no token is ever selected. */
export const selectSubprotocol = (offered: Set<string>): string | false =>
  offered.has(SUBPROTOCOL) && SUBPROTOCOL
