import { createHash } from 'node:crypto'
import { createServer } from 'node:http'
import { setTimeout as sleep } from 'node:timers/promises'

/** The smallest application behind the edge: it says who it is, what it was sent, and fails as it is told to. */
const colour = process.env.COLOUR

const routes = {
  ready: (_request, response) => response.end('ready'),
  echo: (request, response) => response.end(JSON.stringify({ colour, headers: request.headers })),
  async delay(_request, response, ms) {
    await sleep(Number(ms))
    response.end(colour)
  },
  // Each colour has the files that begin with its name.
  assets: (_request, response, name) => response.writeHead(name.startsWith(colour) ? 200 : 404).end(colour),
  status: (_request, response, code) => response.writeHead(Number(code)).end(colour),
  'early-hints': (_request, response) => {
    response.writeEarlyHints({ link: '</style.css>; rel=preload' })
    response.end(colour)
  },
  // Gone before the first byte, or in the middle of the body.
  close: (request) => request.socket.end(),
  reset: (request) => request.socket.resetAndDestroy(),
  half: (request, response) => {
    response.writeHead(200, { 'content-length': '100' })
    response.write('half', () => request.socket.resetAndDestroy())
  },
  garbage: (request) => request.socket.end('this is not HTTP\r\n\r\n'),
  silent: () => {},
}

createServer(async (request, response) => {
  const [, name, argument] = request.url.split(/[/?]/)
  const route = routes[name] ?? ((_request, answer) => answer.writeHead(404).end())
  await route(request, response, argument)
})
  .on('upgrade', (request, socket) => {
    const accept = createHash('sha1').update(
      `${request.headers['sec-websocket-key']}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`,
    )
    const head = ['HTTP/1.1 101 Switching Protocols', 'Connection: Upgrade', 'Upgrade: websocket']
    socket.write([...head, `Sec-WebSocket-Accept: ${accept.digest('base64')}`, '', ''].join('\r\n'))
    socket.on('data', () => socket.end())
  })
  .listen({ port: 3001, host: '0.0.0.0' }).keepAliveTimeout = 75_000
