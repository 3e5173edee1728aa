import { randomUUID } from 'node:crypto'
import type { IncomingMessage, ServerResponse } from 'node:http'

const wellFormed = /^[A-Za-z0-9._-]{8,64}$/

/** Takes the id that the edge gave the request, else makes one, and returns it to the client. */
export function requestId(request: IncomingMessage, response?: ServerResponse): string {
  const given = request.headers['x-request-id']
  const id = typeof given === 'string' && wellFormed.test(given) ? given : randomUUID()
  response?.setHeader('X-Request-ID', id)
  return id
}
