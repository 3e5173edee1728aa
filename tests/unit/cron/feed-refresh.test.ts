import { createServer, type IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, describe, expect, it } from 'vitest'
import { callRefresh } from '../../../apps/cron/jobs/feed-refresh.ts'

let close = async () => {}
afterEach(() => close())

type Answer = { status: number; body: string; headers?: Record<string, string> }

/** A server that gives one answer, or none; calls it and tells what it was asked. */
async function call(answer: Answer | undefined, signal = AbortSignal.timeout(10_000)) {
  const asked: IncomingMessage[] = []
  const server = createServer((request, response) => {
    asked.push(request)
    if (answer) response.writeHead(answer.status, answer.headers).end(answer.body)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  close = async () => {
    server.closeAllConnections()
    await new Promise((resolve) => server.close(resolve))
  }
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/refresh`
  return { said: callRefresh({ url, key: 'key-of-the-feed', signal }), asked, url }
}

describe('the job that has the data feed refreshed', () => {
  it.each(['triggered', 'already in progress'])('takes 202 %s as success', async (status) => {
    const { said, asked } = await call({ status: 202, body: JSON.stringify({ status }) })
    expect(await said).toBe(status)
    expect(asked).toHaveLength(1)
    expect(asked[0]).toMatchObject({ method: 'POST', url: '/refresh' })
    expect(asked[0]?.headers['x-api-key']).toBe('key-of-the-feed')
  })

  it.each([
    [
      'the error of the feed',
      { status: 401, body: '{"error":"Unauthorized"}' },
      'answered 401: Unauthorized',
    ],
    ['what a proxy says', { status: 503, body: '<h1>No server</h1>\n' }, 'answered 503: <h1>No server</h1>'],
    ['that nothing was said', { status: 500, body: '' }, 'answered 500: nothing'],
    ['that 200 is not what was asked for', { status: 200, body: '{"status":"ok"}' }, 'answered 200'],
    ['that 202 came from something else', { status: 202, body: 'null' }, 'answered 202: null'],
  ])('fails with %s', async (_, answer, words) => {
    const { said, url } = await call(answer)
    await expect(said).rejects.toThrow(`POST ${url} ${words}`)
  })

  it('does not carry the key to where it is redirected', async () => {
    const headers = { location: '/elsewhere' }
    const { said, asked } = await call({ status: 307, body: '', headers })
    await expect(said).rejects.toThrow('answered 307')
    expect(asked).toHaveLength(1)
  })

  it('says why nobody answers, and ends when it is told to', async () => {
    const ending = new AbortController()
    const { said, asked } = await call(undefined, ending.signal)
    const outcome = expect(said).rejects.toThrow('the job ends')
    while (asked.length === 0) await new Promise((resolve) => setImmediate(resolve))
    ending.abort(new Error('the job ends'))
    await outcome
    await close()
    const refused = callRefresh({
      url: 'http://127.0.0.1:1/refresh',
      key: 'k',
      signal: AbortSignal.timeout(10_000),
    })
    await expect(refused).rejects.toThrow(/ECONNREFUSED|bad port/)
  })
})
