import http from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, describe, expect, it } from 'vitest'
import { waitUntil } from '../../e2e/harness/wait.ts'
import { type Access, signIn } from '../../load/access.ts'
import { type Mix, startLoad } from '../../load/mixed.ts'
import { Recorder } from '../../load/recorder.ts'
import { losses } from '../../load/report.ts'
import { fakeShop } from './fake-shop.ts'

const MIX: Mix = {
  keepAlive: { workers: 1, perSecond: 100 },
  newConnection: { workers: 1, perSecond: 100 },
  orders: { workers: 1, perSecond: 100 },
  lookUps: { workers: 1, perSecond: 100 },
  slow: { workers: 1, perSecond: 100 },
  uploads: { clients: 1, takesMs: 20 },
  eventStreams: { clients: 1, lifeMs: 30 },
  webSockets: { clients: 1, lifeMs: 30 },
}

describe('a shop that throttles strangers and shows its events to whom it knows', () => {
  const terms = { exempt: 'not throttled', token: 'a.known-one' }

  /** Runs a load until each of its classes has ended an attempt. */
  async function load(access: Access, mix: Mix) {
    const shop = await fakeShop({}, terms)
    const recorder = new Recorder()
    const running = startLoad({ url: shop.url, access, recorder, mix, maxSeconds: 20 })
    const ended = () =>
      [...recorder.tallies.values()].every(({ ok, failed, begun }) => begun > 0 && ok + failed > 0)
    await waitUntil('each class has ended an attempt', ended, { everyMs: 5 })
    const report = await running.stop()
    await shop.close()
    return report
  }

  it('serves a load that has access to it in every part, its audit included', async () => {
    const report = await load({ exempt: terms.exempt, token: async () => terms.token }, MIX)
    expect(losses(report)).toEqual([])
    expect(report.events.received).toBeGreaterThan(0)
  })

  it('refuses the streams of guests', async () => {
    const shop = await fakeShop({}, terms)
    const recorder = new Recorder()
    const none = { workers: 0, perSecond: 0 }
    const streams = { ...MIX, keepAlive: none, newConnection: none, orders: none, lookUps: none, slow: none }
    const mix = { ...streams, uploads: { clients: 0, takesMs: 0 } }
    const { exempt } = terms
    const running = startLoad({ url: shop.url, access: { exempt }, recorder, mix, maxSeconds: 20 })
    const failed = (name: 'event-stream' | 'websocket') => recorder.tally(name).failed > 0
    await waitUntil('both are refused', () => failed('event-stream') && failed('websocket'), { everyMs: 5 })
    const report = await running.stop()
    await shop.close()
    expect(new Set(report.failures.map(({ reason }) => reason))).toEqual(
      new Set(['status 401 instead of 200', 'status 401 instead of 101']),
    )
  })
})

describe('signing in', () => {
  let server: http.Server
  afterEach(() => {
    server.close()
  })

  /** An address to sign in at that gives a new token each time, and answers with `statuses` in their turn. */
  async function door(...statuses: number[]) {
    const bodies: unknown[] = []
    server = http.createServer(async (request, response) => {
      let text = ''
      for await (const part of request) text += part
      bodies.push({ ...JSON.parse(text), exempt: request.headers['x-ecomweb-exempt'], url: request.url })
      response.writeHead(statuses[bodies.length - 1] ?? 200)
      response.end(JSON.stringify({ token: `token-${bodies.length}`, expires_in: 900 }))
    })
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    return { bodies, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` }
  }
  const credentials = { email: 'admin@example.com', password: 'of this test only' }

  it('happens once for all who ask, and again before the token expires', async () => {
    const { url, bodies } = await door()
    let now = 0
    const token = signIn(url, credentials, 'not throttled', () => now)
    expect(await Promise.all([token(), token()])).toEqual(['token-1', 'token-1'])
    now = 599_000
    expect(await token()).toBe('token-1')
    now = 601_000
    expect(await Promise.all([token(), token()])).toEqual(['token-2', 'token-2'])
    expect(bodies[0]).toEqual({ ...credentials, exempt: 'not throttled', url: '/api/auth/login' })
    expect(bodies).toHaveLength(2)
  })

  it('is tried again by whoever asks after it failed', async () => {
    const { url } = await door(503)
    const token = signIn(url, credentials)
    await expect(token()).rejects.toThrow('status 503 instead of 200')
    expect(await token()).toBe('token-2')
  })
})
