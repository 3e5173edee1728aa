import type { IncomingHttpHeaders, OutgoingHttpHeaders } from 'node:http'
import type { Request } from 'express'
import type { Principal } from '../auth/principal.ts'

/** RFC 9110, section 7.6.1: these are about one connection, and each has its own. */
const hopByHop = new Set([
  'connection',
  'keep-alive',
  'proxy-authenticate',
  'proxy-authorization',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
])

/** What ends here: secrets of the client, and what only this proxy may say. */
const own = /^(authorization|cookie|expect|forwarded|host|x-real-ip|x-request-id|x-(forwarded|ecomweb)-.*)$/

/** Headers for the backend: the client's, and who asks. The body is framed anew, whatever `Connection` lists. */
export function headersUp(request: Request, { id }: Principal): OutgoingHttpHeaders {
  const passed = Object.entries(endToEnd(request.headers)).filter(([name]) => !own.test(name))
  const { 'content-length': length, 'transfer-encoding': coding, host } = request.headers
  return {
    ...Object.fromEntries(passed),
    ...(length !== undefined && { 'content-length': length }),
    ...(coding !== undefined && { 'transfer-encoding': 'chunked' }),
    // The connection is used once, but a backend that may keep it does not cut off an early answer by closing it.
    connection: 'keep-alive',
    'x-ecomweb-actor': id,
    'x-request-id': String(request.id),
    'x-forwarded-for': request.ip,
    'x-forwarded-proto': request.protocol,
    'x-forwarded-host': host,
  }
}

/** Headers of the backend's answer that are for the client. */
export const headersDown = (headers: IncomingHttpHeaders): IncomingHttpHeaders => endToEnd(headers)

function endToEnd(headers: IncomingHttpHeaders): IncomingHttpHeaders {
  const listed = (headers.connection ?? '').split(',').map((name) => name.trim().toLowerCase())
  return Object.fromEntries(
    Object.entries(headers).filter(([name]) => !hopByHop.has(name) && !listed.includes(name)),
  )
}
