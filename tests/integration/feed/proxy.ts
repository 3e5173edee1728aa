import { createServer, type IncomingMessage, request, type ServerResponse } from 'node:http'
import { createServer as createTlsServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'

type Bytes = AsyncIterable<Buffer>

export type ProxyOptions = {
  /** The path below which the target seems to lie, such as /tools/phpmyadmin. */
  prefix?: string
  tls?: { key: string; cert: string }
  /** Changes what comes back as a page; throwing cuts the connection. */
  page?: (html: Bytes) => Bytes
  /** Changes what comes back as a file to save. */
  file?: (csv: Bytes) => Bytes
}

export type Proxy = { url: string; open(): number; close(): Promise<void> }

/** A reverse proxy before phpMyAdmin, which can spoil what comes back. */
export async function startProxy(target: string, options: ProxyOptions = {}): Promise<Proxy> {
  const { prefix = '', tls } = options
  let open = 0
  const handle = (incoming: IncomingMessage, outgoing: ServerResponse) => {
    open++
    outgoing.once('close', () => open--)
    if (!incoming.url?.startsWith(`${prefix}/`)) return void outgoing.writeHead(404).end()
    const { 'accept-encoding': _, ...given } = incoming.headers
    const headers = { ...given, ...(tls ? { 'x-forwarded-proto': 'https' } : {}) }
    const url = new URL(incoming.url.slice(prefix.length), target)
    const upstream = request(url, { method: incoming.method, headers }, (answer) => {
      void pass(answer, outgoing, options)
    })
    upstream.once('error', () => outgoing.destroy())
    outgoing.once('close', () => upstream.destroy())
    incoming.pipe(upstream)
  }
  const server = tls ? createTlsServer(tls, handle) : createServer(handle)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  return {
    url: `http${tls ? 's' : ''}://127.0.0.1:${port}${prefix}`,
    open: () => open,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}

async function pass(answer: IncomingMessage, outgoing: ServerResponse, options: ProxyOptions): Promise<void> {
  const { location, 'content-length': _, 'transfer-encoding': __, ...headers } = answer.headers
  const prefixed = location?.startsWith('/') ? `${options.prefix ?? ''}${location}` : location
  const change = headers['content-disposition'] ? options.file : options.page
  outgoing.writeHead(answer.statusCode ?? 502, { ...headers, ...(prefixed ? { location: prefixed } : {}) })
  try {
    await pipeline(change ? Readable.from(change(answer)) : answer, outgoing)
  } catch {
    outgoing.destroy()
  }
}
