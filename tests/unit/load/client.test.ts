import http from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { BUSY, QUIET } from '../../e2e/harness/load.ts'
import { Client, visitors } from '../../load/client.ts'
import { classesOf } from '../../load/mixed.ts'
import { Recorder } from '../../load/recorder.ts'

describe('a client', () => {
  let server: http.Server
  let url: URL
  let seen: http.IncomingHttpHeaders[]
  let given: string[]

  beforeEach(async () => {
    seen = []
    given = []
    server = http.createServer((request, response) => {
      seen.push(request.headers)
      response.setHeader('set-cookie', given)
      response.end()
    })
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    url = new URL(`http://127.0.0.1:${(server.address() as AddressInfo).port}`)
  })
  afterEach(() => {
    server.closeAllConnections()
    server.close()
  })

  it('says its own name and brings back the cookies that it was given, newest value first of all', async () => {
    const client = new Client('one', true)
    given = ['ecomweb_bucket=17; Path=/; Max-Age=86400', 'other=a=b; HttpOnly']
    await client.send(url)
    given = ['ecomweb_bucket=18; Path=/']
    await client.send(url, { headers: { accept: 'text/plain' } })
    await client.send(url)
    client.close()
    expect(seen.map((headers) => headers['user-agent'])).toEqual(['one', 'one', 'one'])
    expect(seen.map(({ cookie }) => cookie)).toEqual([
      undefined,
      'ecomweb_bucket=17; other=a=b',
      'ecomweb_bucket=18; other=a=b',
    ])
    expect(seen[1]?.accept).toBe('text/plain')
  })

  it('forgets a cookie that is taken back', () => {
    const client = new Client('one', false)
    client.keep({ 'set-cookie': ['a=1', 'b=2'] })
    client.keep({ 'set-cookie': ['a=; Max-Age=0; Path=/'] })
    expect(client.headers).toEqual({ 'user-agent': 'one', cookie: 'b=2' })
  })

  it('is told from every other of its crowd', async () => {
    const stop = new AbortController()
    const access = { exempt: 'of this test' }
    const target = { url, access, recorder: new Recorder(), stop: stop.signal, run: 'run' }
    const size = { workers: 3, perSecond: 300 }
    await visitors(target, { name: 'look-up', size, keepsConnection: true }, (client) => async () => {
      await client.send(url)
      if (new Set(seen.map((headers) => headers['user-agent'])).size === 3) stop.abort()
    })
    const names = new Set(seen.map((headers) => headers['user-agent']))
    expect([...names].sort()).toEqual(['run look-up/0', 'run look-up/1', 'run look-up/2'])
    expect(new Set(seen.map((headers) => headers['x-ecomweb-exempt']))).toEqual(new Set(['of this test']))
  })
})

describe('a mix', () => {
  it('takes part with the classes that it gives a size', () => {
    expect(classesOf(QUIET)).toEqual(['keep-alive', 'new-connection', 'order', 'look-up'])
    expect(classesOf(BUSY)).not.toContain('slow')
    expect(classesOf({})).not.toContain('look-up')
  })

  it.each([
    ['busy', BUSY, 200],
    ['quiet', QUIET, 0.2],
  ])('that is %s makes %d requests a second', (_, mix, perSecond) => {
    const { keepAlive, newConnection, orders, lookUps, uploads, eventStreams, webSockets } = mix
    const paced = [keepAlive, newConnection, orders, lookUps].reduce(
      (sum, part) => sum + (part?.perSecond ?? 0),
      0,
    )
    const pictures = uploads?.clients ? (uploads.clients * 1000) / uploads.takesMs : 0
    const streams = [eventStreams, webSockets].map((part) =>
      part?.clients ? (part.clients * 1000) / part.lifeMs : 0,
    )
    expect(paced + pictures + streams.reduce((sum, rate) => sum + rate, 0)).toBeCloseTo(perSecond)
  })
})
