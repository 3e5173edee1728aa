import { afterEach, beforeEach, describe, expect, it, onTestFinished } from 'vitest'
import { type HttpOptions, httpClient } from '../../../../apps/worker/http/client.ts'
import type { HttpRequest } from '../../../../apps/worker/http/exchange.ts'
import { type HttpFailure, retryAfter } from '../../../../apps/worker/http/failure.ts'
import { waitUntil } from '../../../e2e/harness/wait.ts'
import { type FlakyServer, oneByOne, startFlakyServer, status } from './flaky-server.ts'

let server: FlakyServer
beforeEach(async () => {
  server = await startFlakyServer()
})
afterEach(() => server.down().catch(() => {}))

/** A client that waits for nothing, the pauses that it would have made, and what it logged. */
function client(options: Partial<HttpOptions> = {}) {
  const [pauses, said]: [number[], string[]] = [[], []]
  const note = (_: object, message: string) => void said.push(message)
  const http = httpClient({
    log: { info: note, warn: note } as never,
    random: () => 1,
    sleep: async (ms) => void pauses.push(ms),
    ...options,
  })
  onTestFinished(() => http.close())
  const send = (given: Partial<HttpRequest> = {}) =>
    http.request({ method: 'GET', url: server.url, ...given })
  const failure = (given: Partial<HttpRequest> = {}) =>
    send(given).then(
      ({ status }) => Promise.reject(new Error(`it answered ${status}`)),
      (error: HttpFailure) => error,
    )
  return { send, failure, pauses, said }
}

describe('a request', () => {
  it('is sent again, after longer and longer pauses, until it is answered', async () => {
    server.handle = oneByOne(status(503), (request) => request.socket.destroy(), status(204))
    const { send, pauses } = client()
    expect((await send()).status).toBe(204)
    expect(pauses).toEqual([200, 400])
  })

  it('is given up after the last attempt, with the last failure, without the secrets of its address', async () => {
    server.handle = status(503)
    const error = await client().failure()
    expect(error).toMatchObject({ kind: 'status', status: 503 })
    expect(error.message).toMatch(/^127\.0\.0\.1:\d+ answered 503$/)
    expect(server.asked).toHaveLength(3)
  })

  it('is answered by what was asked wrongly, which is not asked again', async () => {
    server.handle = (_, response) => void response.writeHead(422).end('no such thing')
    expect(await client().send()).toMatchObject({ status: 422, text: 'no such thing' })
    expect(server.asked).toHaveLength(1)
  })

  it('that changes something is sent once, unless it has a key by which a double is known', async () => {
    server.handle = status(503)
    const { failure } = client()
    await failure({ method: 'POST' })
    expect(server.asked).toHaveLength(1)
    await failure({ method: 'POST', headers: { 'Idempotency-Key': 'k' } })
    expect(server.asked).toHaveLength(4)
  })

  it('gives a slow server its time and no more', async () => {
    server.handle = oneByOne(() => {}, status(200))
    const { send, failure } = client({ timeoutMs: 100, attempts: 1 })
    expect(await failure()).toMatchObject({ kind: 'timeout' })
    expect((await send()).status).toBe(200)
  })

  it('gives up a body that never ends', async () => {
    server.handle = (_, response) => void response.writeHead(200).write('begun')
    expect(await client({ timeoutMs: 100, attempts: 1 }).failure()).toMatchObject({ kind: 'timeout' })
    server.handle = (_, response) => {
      const more = () => response.write('x'.repeat(65_536)) && setImmediate(more)
      response.on('drain', more)
      more()
    }
    expect((await client({ attempts: 1 }).send()).text).toHaveLength(65_536)
  })

  it('says why a server that is down cannot be reached', async () => {
    await server.down()
    expect(await client().failure()).toMatchObject({
      kind: 'unreachable',
      message: expect.stringMatching(/ECONNREFUSED$/),
    })
  })

  it('waits for as long as the server asks, but leaves a long wait to its caller', async () => {
    server.handle = oneByOne(status(429, { 'Retry-After': '2' }), status(200))
    const { send, failure, pauses } = client()
    expect((await send()).status).toBe(200)
    expect(pauses).toEqual([2000])
    server.handle = status(503, { 'Retry-After': '600' })
    expect(await failure()).toMatchObject({ status: 503, retryAfterMs: 600_000 })
    expect(pauses).toEqual([2000])
  })

  it('follows nobody elsewhere', async () => {
    server.handle = status(302, { Location: 'http://127.0.0.1:9/' })
    expect((await client().send()).status).toBe(302)
  })

  it('ends when its caller does', async () => {
    const ending = new AbortController()
    server.handle = () => ending.abort(new Error('the worker stops'))
    await expect(client().send({ signal: ending.signal })).rejects.toThrow('the worker stops')
    expect(server.asked).toHaveLength(1)
  })
})

describe('a host that fails too often', () => {
  it('is left alone, while others are not, and is asked again after a while', async () => {
    server.handle = status(500)
    const { send, failure, said } = client({ attempts: 5, resetMs: 200 })
    await failure()
    expect(server.asked).toHaveLength(5)
    const left = await failure()
    expect(left).toMatchObject({ kind: 'open', message: expect.stringMatching(/is left alone for a while$/) })
    expect(left.retryAfterMs).toBeGreaterThan(0)
    expect(left.retryAfterMs).toBeLessThanOrEqual(200)
    expect(server.asked).toHaveLength(5)
    const other = await startFlakyServer()
    onTestFinished(() => other.down())
    expect((await send({ url: other.url })).status).toBe(200)
    server.handle = status(200)
    await waitUntil('it is asked again', async () => (await send()).status === 200, { everyMs: 20 })
    expect(said).toEqual(['a host fails too often: leaving it alone for a while', 'a host answers again'])
  })

  it('is left alone again when the first request after that fails', async () => {
    await server.down()
    const { failure } = client({ attempts: 5, resetMs: 50 })
    expect((await failure()).kind).toBe('unreachable')
    expect((await failure()).kind).toBe('open')
    await server.up()
    server.handle = status(500)
    await waitUntil('it is asked again', async () => (await failure()).kind && server.asked.length > 0, {
      everyMs: 20,
    })
    expect((await failure()).kind).toBe('open')
    expect(server.asked).toHaveLength(1)
  })

  it('is not one that answers 4xx, or asks for patience', async () => {
    server.handle = oneByOne(...Array(6).fill(status(404)), ...Array(6).fill(status(429)), status(200))
    const { send, failure } = client({ attempts: 1 })
    for (let count = 0; count < 6; count++) expect((await send()).status).toBe(404)
    for (let count = 0; count < 6; count++) expect((await failure()).status).toBe(429)
    expect((await send()).status).toBe(200)
  })
})

it('Retry-After has seconds, or a date', () => {
  const now = Date.UTC(2026, 0, 1)
  expect(retryAfter('120', now)).toBe(120_000)
  expect(retryAfter('Thu, 01 Jan 2026 00:00:30 GMT', now)).toBe(30_000)
  expect(retryAfter('Wed, 31 Dec 2025 00:00:30 GMT', now)).toBe(0)
  expect([retryAfter('soon', now), retryAfter(null, now)]).toEqual([undefined, undefined])
})
