import { type Agent, request } from 'node:http'

export type Answer = {
  status: number
  /** The colour that answered; undefined when HAProxy did. */
  servedBy: string | undefined
  cookies: string[]
  body: string
  /** From the first byte sent to the last received. */
  ms: number
}

export type Ask = {
  headers?: Record<string, string>
  /** Keeps connections; without it each request has its own. */
  agent?: Agent
}

/** One request to the edge. Errors: the connection broke, before the answer or within it. */
export const get = (host: string, path: string, { headers = {}, agent }: Ask = {}): Promise<Answer> =>
  new Promise((resolve, reject) => {
    const start = performance.now()
    const sent = request({ host, port: 8080, path, headers, agent: agent ?? false }, (response) => {
      let body = ''
      response.setEncoding('utf8').on('data', (text: string) => {
        body += text
      })
      response.once('error', reject).once('end', () =>
        resolve({
          status: response.statusCode ?? 0,
          servedBy: response.headers['x-served-by'] as string | undefined,
          cookies: response.headers['set-cookie'] ?? [],
          body,
          ms: performance.now() - start,
        }),
      )
    })
    sent.once('error', reject).end()
  })

/** Opens a WebSocket and ends it. Errors: it was not accepted. */
export const openWebSocket = (host: string): Promise<void> =>
  new Promise((resolve, reject) => {
    const headers = {
      connection: 'Upgrade',
      upgrade: 'websocket',
      'sec-websocket-version': '13',
      'sec-websocket-key': 'dGhlIHNhbXBsZSBub25jZQ==',
    }
    request({ host, port: 8080, path: '/socket', headers, agent: false })
      .once('upgrade', (_response, socket) => {
        socket.once('close', resolve).resume()
        socket.end('bye')
      })
      .once('response', ({ statusCode }) => reject(new Error(`no WebSocket: ${statusCode}`)))
      .once('error', reject)
      .end()
  })
