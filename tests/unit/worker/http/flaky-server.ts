import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

type Handler = (request: IncomingMessage & { text: string }, response: ServerResponse) => void

/** A server on this machine that answers as a test says; `handle` may change at any time. */
export type FlakyServer = {
  url: string
  /** What was asked, oldest first. */
  asked: { method: string; path: string; headers: IncomingMessage['headers']; text: string }[]
  handle: Handler
  /** Refuses connections until `up` is called. */
  down(): Promise<void>
  up(): Promise<void>
}

export const status =
  (code: number, headers: Record<string, string> = {}): Handler =>
  (_, response) =>
    void response.writeHead(code, headers).end()

/** Answers with the first handler first, with the last one for ever. */
export const oneByOne = (...handlers: Handler[]): Handler => {
  let next = 0
  return (request, response) => handlers[Math.min(next++, handlers.length - 1)]?.(request, response)
}

export async function startFlakyServer(): Promise<FlakyServer> {
  let port = 0
  const server = createServer(async (request, response) => {
    let text = ''
    for await (const chunk of request.setEncoding('utf8')) text += chunk
    const { method = '', url = '', headers } = request
    flaky.asked.push({ method, path: url, headers, text })
    flaky.handle(Object.assign(request, { text }), response)
  })
  const flaky: FlakyServer = {
    url: '',
    asked: [],
    handle: status(200),
    async down() {
      server.close()
      server.closeAllConnections()
      await once(server, 'close')
    },
    async up() {
      server.listen(port, '127.0.0.1')
      await once(server, 'listening')
      port = (server.address() as AddressInfo).port
      flaky.url = `http://127.0.0.1:${port}/hook?key=hidden`
    },
  }
  await flaky.up()
  return flaky
}
