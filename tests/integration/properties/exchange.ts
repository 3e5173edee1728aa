import { type IncomingHttpHeaders, type IncomingMessage, request as open } from 'node:http'

/** A request as it goes over the wire: nothing in it is corrected on the way. */
export type Sent = {
  method: string
  /** with the query, percent-encoded or wrongly so */
  path: string
  headers: Record<string, string>
  body: string | Buffer | undefined
  /** Asks for a WebSocket. */
  upgrade?: boolean
}

/** `text`: of a stream that does not end, what comes first. */
export type Answered = { status: number; headers: IncomingHttpHeaders; text: string }

/** Sends a request and reads its answer. Errors: no answer, or none within 10 s. */
export function exchange(url: string, { method, path, headers, body, upgrade }: Sent): Promise<Answered> {
  const { port } = new URL(url)
  return new Promise((resolve, reject) => {
    const handshake = {
      connection: 'Upgrade',
      upgrade: 'websocket',
      'sec-websocket-version': '13',
      'sec-websocket-key': 'dGhlIHNhbXBsZSBub25jZQ==',
    }
    const length = body !== undefined && { 'content-length': String(Buffer.byteLength(body)) }
    const request = open({
      ...{ host: '127.0.0.1', port, method, path, agent: false },
      headers: { ...headers, ...length, ...(upgrade && handshake) },
    })
    const timer = setTimeout(() => request.destroy(new Error('no answer within 10 s')), 10_000)
    const settle = (response: IncomingMessage, text: string) => {
      clearTimeout(timer)
      resolve({ status: response.statusCode ?? 0, headers: response.headers, text })
    }
    request.on('error', (error) => {
      clearTimeout(timer)
      reject(error)
    })
    request.on('upgrade', (response, socket) => {
      settle(response, '')
      socket.destroy()
    })
    request.on('response', (response) => {
      let text = ''
      const endless = response.headers['content-type']?.startsWith('text/event-stream')
      response.setEncoding('utf8')
      response.on('data', (chunk) => {
        text += chunk
        if (endless && text.includes('\n\n')) {
          settle(response, text)
          request.destroy()
        }
      })
      response.on('end', () => settle(response, text))
      response.on('error', () => {})
    })
    request.end(body)
  })
}

/** The request as a person repeats it. */
export const describe = ({ method, path, headers, body }: Sent): string =>
  [
    `${method} ${brief(path)}`,
    ...Object.entries(headers).map(([name, value]) => `${name}: ${brief(value)}`),
    ...(body === undefined ? [] : ['', brief(JSON.stringify(body.toString()))]),
  ].join('\n')

const brief = (text: string): string => (text.length > 600 ? `${text.slice(0, 600)}… (${text.length})` : text)
