import type { IncomingMessage } from 'node:http'

/** Whether a request comes with a body. Browsers send Content-Length: 0 with a POST that has none. */
export function announcesBody({ headers }: IncomingMessage): boolean {
  return headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) > 0
}
