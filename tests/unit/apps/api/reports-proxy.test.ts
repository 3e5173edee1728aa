import { createHash } from 'node:crypto'
import { once } from 'node:events'
import {
  request as ask,
  createServer,
  type IncomingMessage,
  type RequestListener,
  type Server,
} from 'node:http'
import { type AddressInfo, connect } from 'node:net'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import type { Principal } from '../../../../apps/api/auth/principal.ts'
import { acceptWebSockets } from '../../../../apps/api/events/upgrade.ts'
import { askReports } from '../../../../apps/api/reports-proxy/health.ts'
import { type Running, silent, startApp } from './app.fixture.ts'

const MEBIBYTE = 1024 * 1024
const admin = { authorization: 'Bearer admin' }
const verify = async (token: string): Promise<Principal> => ({
  id: `id-of-${token}`,
  role: token === 'admin' ? 'admin' : 'user',
})

let backend: Server
let backendUrl: string
let app: Running
/** What the backend was asked, and how it answers. */
let seen: IncomingMessage[]
let answer: RequestListener

beforeEach(async () => {
  seen = []
  answer = (_request, response) => response.end('{}')
  backend = createServer((request, response) => {
    seen.push(request)
    answer(request, response)
  })
  backend.listen(0, '127.0.0.1')
  await once(backend, 'listening')
  backendUrl = `http://127.0.0.1:${(backend.address() as AddressInfo).port}`
  app = await start(10_000)
})
afterEach(async () => {
  backend.closeAllConnections()
  backend.close()
  await app.close()
})

const start = (limitMs: number) => startApp({ tokens: { verify }, reports: { url: backendUrl, limitMs } })

const call = (path: string, { headers = {}, ...rest }: RequestInit & { duplex?: 'half' } = {}) =>
  fetch(`${app.url}/reports-api${path}`, { ...rest, headers: { ...admin, ...headers }, redirect: 'manual' })

/** A body of `total` bytes that is made while it is read; `made` is how much of it was. */
function bytes(total: number) {
  const state = { made: 0 }
  const piece = Buffer.alloc(64 * 1024, 'x')
  const stream = new Readable({
    read() {
      if (state.made >= total) return void this.push(null)
      state.made += piece.length
      this.push(piece)
    },
  })
  return { stream, state }
}

describe('what is passed on', () => {
  test.each(['GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'])(
    '%s, without the prefix',
    async (method) => {
      const { status } = await call('/pricing/rules?page=2&q=%2F', { method })
      expect([status, seen[0]?.method, seen[0]?.url]).toEqual([200, method, '/pricing/rules?page=2&q=%2F'])
    },
  )

  test('no more than the root for the prefix alone', async () => {
    await call('')
    expect(seen[0]?.url).toBe('/')
  })

  test('a whole address in the request line, as a path of the backend', async () => {
    const socket = connect(Number(new URL(app.url).port), '127.0.0.1')
    socket.end(
      'GET http://elsewhere.test/reports-api/x HTTP/1.1\r\nHost: shop.test\r\nAuthorization: Bearer admin\r\nConnection: close\r\n\r\n',
    )
    socket.resume()
    await once(socket, 'close')
    expect(seen[0]?.url).toBe('/x')
  })

  test("HEAD, with the headers of the backend's answer and no body", async () => {
    answer = (_request, response) => response.writeHead(200, { 'content-length': 5, etag: '"a"' }).end()
    const response = await call('/reports/sales', { method: 'HEAD' })
    expect(response.headers.get('content-length')).toBe('5')
    expect([response.headers.get('etag'), await response.text()]).toEqual(['"a"', ''])
  })

  test('204, a 404 of its own, and a redirect without following it', async () => {
    const statuses = [204, 404, 302]
    answer = (_request, response) =>
      response.writeHead(statuses.shift() ?? 500, { location: 'http://127.0.0.1:1/' }).end()
    expect((await call('/a')).status).toBe(204)
    expect((await call('/b')).status).toBe(404)
    const moved = await call('/c')
    expect([moved.status, moved.headers.get('location')]).toEqual([302, 'http://127.0.0.1:1/'])
    expect(seen).toHaveLength(3)
  })

  test.each([true, false])('a body with its framing (chunked: %s)', async (chunked) => {
    const received = Promise.withResolvers<string>()
    answer = async (request, response) => {
      received.resolve(Buffer.concat(await request.toArray()).toString())
      response.end()
    }
    const body = chunked ? (Readable.toWeb(Readable.from(['ab', 'cd'])) as ReadableStream) : 'abcd'
    await call('/imports/costs', { method: 'PUT', body, duplex: 'half' })
    expect(await received.promise).toBe('abcd')
    const { 'content-length': length, 'transfer-encoding': coding } = seen[0]?.headers ?? {}
    expect([length, coding]).toEqual(chunked ? [undefined, 'chunked'] : ['4', undefined])
  })

  test('20 MB in each direction, whole', async () => {
    answer = (request, response) => {
      const hash = createHash('sha256')
      request.on('data', (chunk) => hash.update(chunk))
      request.on('end', () => {
        response.setHeader('X-Received', hash.digest('hex'))
        void pipeline(bytes(20 * MEBIBYTE).stream, response)
      })
    }
    const body = Readable.toWeb(bytes(20 * MEBIBYTE).stream) as ReadableStream
    const response = await call('/echo', { method: 'POST', body, duplex: 'half' })
    const whole = createHash('sha256')
      .update(Buffer.alloc(20 * MEBIBYTE, 'x'))
      .digest('hex')
    expect(response.headers.get('x-received')).toBe(whole)
    expect(
      createHash('sha256')
        .update(await response.bytes())
        .digest('hex'),
    ).toBe(whole)
  })

  test('no more of a body than the other side takes: memory stays constant', async () => {
    const down = bytes(500 * MEBIBYTE)
    answer = (_request, response) => void pipeline(down.stream, response).catch(() => {})
    const asking = ask(`${app.url}/reports-api/big`, { headers: admin }).end()
    const [response] = (await once(asking, 'response')) as [IncomingMessage]
    response.pause()
    await settled(() => down.state.made)
    // Kernel buffers on both loopback connections, which grow to some megabytes each, and no more.
    expect(down.state.made).toBeLessThan(40 * MEBIBYTE)
    asking.destroy()

    const up = bytes(500 * MEBIBYTE)
    answer = (request) => void request.pause()
    const sending = ask(`${app.url}/reports-api/big`, { method: 'POST', headers: admin })
    void pipeline(up.stream, sending).catch(() => {})
    await settled(() => up.state.made)
    expect(up.state.made).toBeLessThan(40 * MEBIBYTE)
    sending.destroy()
  })
})

/** Waits until a figure has begun to grow and stands still. */
async function settled(figure: () => number): Promise<void> {
  let [last, still] = [-1, 0]
  await vi.waitFor(
    () => {
      still = figure() === last ? still + 1 : 0
      last = figure()
      if (last <= 0 || still < 3) throw new Error(`still moving at ${last}`)
    },
    { timeout: 10_000, interval: 20 },
  )
}

describe('headers', () => {
  test('say who asks, and carry no secret and no claim of the client', async () => {
    await call('/x', {
      headers: {
        cookie: 'refresh=secret',
        'x-ecomweb-actor': 'somebody-else',
        'X-Ecomweb-Exempt': 'token',
        'x-request-id': 'request-0001',
        'x-forwarded-host': 'evil.test',
        forwarded: 'for=6.6.6.6',
        'idempotency-key': 'k1',
      },
    })
    const headers = seen[0]?.headers ?? {}
    expect(headers).toMatchObject({
      'x-ecomweb-actor': 'id-of-admin',
      'x-request-id': 'request-0001',
      'x-forwarded-proto': 'http',
      'x-forwarded-host': new URL(app.url).host,
      'idempotency-key': 'k1',
      host: new URL(backendUrl).host,
    })
    expect(headers['x-forwarded-for']).toMatch(/127\.0\.0\.1$/)
    for (const name of ['authorization', 'cookie', 'forwarded', 'x-ecomweb-exempt'])
      expect(headers).not.toHaveProperty(name)
  })

  test('of one connection end there, those that Connection lists too, but never the framing', async () => {
    answer = async (request, response) => {
      await request.toArray()
      response.writeHead(200, {
        Connection: 'close, X-Internal',
        'X-Internal': 'no',
        'X-Kept': 'yes',
        Vary: 'Accept',
      })
      response.end('ok')
    }
    const socket = connect(Number(new URL(app.url).port), '127.0.0.1')
    socket.write(
      'GET /reports-api/x HTTP/1.1\r\nHost: shop.test\r\nAuthorization: Bearer admin\r\n' +
        'Connection: close, X-Secret, Content-Length, X-Ecomweb-Actor\r\nX-Secret: s\r\nTE: trailers\r\n' +
        'Content-Length: 4\r\n\r\nbody',
    )
    const [text] = (await once(socket, 'data')) as [Buffer]
    socket.destroy()
    expect(seen[0]?.headers).toMatchObject({ 'content-length': '4', 'x-ecomweb-actor': 'id-of-admin' })
    for (const name of ['x-secret', 'te']) expect(seen[0]?.headers).not.toHaveProperty(name)
    const head = text.toString().split('\r\n\r\n')[0]
    expect(head).toMatch(/X-Kept: yes/i)
    expect(head).toMatch(/Vary: Origin, Authorization, Accept/)
    expect(head).not.toMatch(/X-Internal/i)
  })
})

describe('who may ask', () => {
  test.each<[number, Record<string, string>]>([
    [401, {}],
    [403, { authorization: 'Bearer user' }],
  ])('%i is a problem, and the backend never hears of it', async (status, headers) => {
    const response = await fetch(`${app.url}/reports-api/pricing/rules`, { headers })
    expect(response.status).toBe(status)
    expect(response.headers.get('content-type')).toBe('application/problem+json')
    expect(await response.json()).toMatchObject({ status })
    expect(seen).toHaveLength(0)
  })

  test('a WebSocket is refused', async () => {
    acceptWebSockets(app.server, app.parts.events, silent, app.parts.tokens)
    const headers = { ...admin, connection: 'Upgrade', upgrade: 'websocket' }
    const [response] = (await once(ask(`${app.url}/reports-api/ws`, { headers }).end(), 'response')) as [
      IncomingMessage,
    ]
    response.resume()
    expect([response.statusCode, seen.length]).toEqual([404, 0])
  })
})

describe('without an answer', () => {
  beforeEach(async () => {
    await app.close()
    app = await start(150)
  })
  test('a backend that is away is 503, and the API is alive', async () => {
    backend.close()
    await once(backend, 'close')
    const response = await call('/x')
    expect(response.status).toBe(503)
    expect(await response.json()).toEqual({
      error: 'Reports backend unavailable. Please try again in a moment.',
      details: 'The reports service is temporarily unavailable.',
    })
    expect((await fetch(`${app.url}/health`)).status).toBe(200)
    await expect(askReports(backendUrl)).rejects.toThrow('ECONNREFUSED')
  })

  test('one that ends before its answer is 503, and says that it had begun', async () => {
    answer = (request) => void request.socket.destroy()
    const response = await call('/x', { method: 'POST', body: 'x' })
    expect(response.status).toBe(503)
    expect(await response.json()).toMatchObject({
      details: expect.stringContaining('before it had answered'),
    })
  })

  test('one that is silent for too long is 504, and is told to stop', async () => {
    answer = () => {}
    const response = await call('/slow')
    expect(response.status).toBe(504)
    expect(await response.json()).toEqual({
      error: 'Request timeout',
      details: 'The reports service took longer than 0.15 s to respond.',
    })
    await vi.waitFor(() => expect(seen[0]?.socket.destroyed).toBe(true))
    await expect(askReports(backendUrl, 50)).rejects.toThrow('no answer within 50 ms')
  })

  test('one that does not read its body is 504 too', async () => {
    answer = (request) => void request.pause()
    const sending = ask(`${app.url}/reports-api/x`, { method: 'POST', headers: admin })
    sending.on('error', () => {})
    void pipeline(bytes(100 * MEBIBYTE).stream, sending).catch(() => {})
    const [response] = (await once(sending, 'response')) as [IncomingMessage]
    expect(response.statusCode).toBe(504)
    sending.destroy()
  })

  test('a client that stops in the middle of its body is 408: the backend is not to blame', async () => {
    answer = () => {}
    const sending = ask(`${app.url}/reports-api/x`, {
      method: 'POST',
      headers: { ...admin, 'content-length': 10 },
    })
    sending.write('half')
    const [response] = (await once(sending, 'response')) as [IncomingMessage]
    expect(response.statusCode).toBe(408)
    await vi.waitFor(() => expect(seen[0]?.socket.destroyed).toBe(true))
    sending.destroy()
  })

  test.each(['falls silent', 'is lost'])('half an answer is cut off when its backend %s', async (how) => {
    answer = (request, response) => {
      response.write('half')
      if (how === 'is lost') setImmediate(() => request.socket.destroy())
    }
    const response = await call('/x')
    expect(response.status).toBe(200)
    await expect(response.text()).rejects.toThrow()
  })

  test('time starts anew with each piece', async () => {
    answer = (_request, response) => {
      const timer = setInterval(() => response.write('.'), 50)
      setTimeout(() => {
        clearInterval(timer)
        response.end('!')
      }, 500)
    }
    expect(await (await call('/x')).text()).toMatch(/^\.{3,}!$/)
  })

  test('a client that goes away ends what the backend does for it', async () => {
    const begun = Promise.withResolvers<void>()
    answer = () => begun.resolve()
    const leaving = new AbortController()
    const asking = call('/x', { method: 'POST', body: 'x', signal: leaving.signal }).catch(() => {})
    await begun.promise
    leaving.abort()
    await asking
    await vi.waitFor(() => expect(seen[0]?.socket.destroyed).toBe(true), { timeout: 140 })
  })

  test('an early answer arrives although the body goes on, and the connection stays of use', async () => {
    answer = (_request, response) => response.writeHead(413).end('too much')
    const socket = connect(Number(new URL(app.url).port), '127.0.0.1')
    const head = 'Host: shop.test\r\nAuthorization: Bearer admin\r\n'
    socket.write(`POST /reports-api/imports/costs HTTP/1.1\r\n${head}Content-Length: ${5 * MEBIBYTE}\r\n\r\n`)
    socket.write(Buffer.alloc(5 * MEBIBYTE))
    socket.write(`GET /health HTTP/1.1\r\n${head}Connection: close\r\n\r\n`)
    const text = Buffer.concat(await socket.toArray()).toString()
    expect(text).toMatch(/^HTTP\/1\.1 413 [\s\S]*too much[\s\S]*HTTP\/1\.1 200 OK[\s\S]*"ok"/)
  })
})

test('the health of the backend is its own /health', async () => {
  await expect(askReports(backendUrl)).resolves.toBeUndefined()
  expect(seen[0]?.url).toBe('/health')
  answer = (_request, response) => response.writeHead(500).end()
  await expect(askReports(backendUrl)).rejects.toThrow('answers 500')
})
