import { describe, expect, it } from 'vitest'
import { createClient } from '../../../apps/web/src/api/client.ts'
import { ApiError, explain, Unreachable } from '../../../apps/web/src/api/problem.ts'

type Answer = Response | Error
type Sent = { path: string; init: RequestInit; headers: Record<string, string> }

/** A client whose requests are answered from a list; what it sent and how long it waited is kept. */
function setUp(answers: Answer[], tokens: (string | undefined)[] = [undefined]) {
  const sent: Sent[] = []
  const waits: number[] = []
  let renewals = 0
  const client = createClient({
    send: async (path, init) => {
      sent.push({ path, init, headers: init.headers as Record<string, string> })
      const answer = answers.shift()
      if (!answer || answer instanceof Error) throw answer ?? new TypeError('no answer is left')
      return answer
    },
    credentials: {
      token: async () => tokens[Math.min(renewals, tokens.length - 1)],
      renew: async () => {
        renewals += 1
      },
    },
    wait: async (ms) => void waits.push(ms),
  })
  return { client, sent, waits, renewals: () => renewals }
}

const ok = (body: unknown = {}) => Response.json(body)
const problem = (status: number, body: object = {}, headers = {}) =>
  new Response(JSON.stringify(body), {
    status,
    headers: { 'Content-Type': 'application/problem+json', ...headers },
  })
const cut = () => new TypeError('failed to fetch')

describe('the client', () => {
  it('sends JSON, the query without its gaps, and the token', async () => {
    const { client, sent } = setUp([ok({ a: 1 })], ['t1'])
    await expect(
      client('/api/x', { method: 'POST', body: { b: 2 }, query: { page: 2, search: '' } }),
    ).resolves.toEqual({
      a: 1,
    })
    expect(sent[0]).toMatchObject({
      path: '/api/x?page=2',
      init: { method: 'POST', body: '{"b":2}' },
      headers: { Authorization: 'Bearer t1', 'Content-Type': 'application/json' },
    })
  })

  it('sends a picture as it is', async () => {
    const { client, sent } = setUp([ok()])
    const picture = new Blob(['…'], { type: 'image/png' })
    await client('/api/x', { method: 'PUT', body: picture })
    expect(sent[0]?.init.body).toBe(picture)
    expect(sent[0]?.headers['Content-Type']).toBe('image/png')
  })

  it('goes past caches where it has to be of now', async () => {
    const { client, sent } = setUp([ok(), ok()])
    await client('/api/x', { fresh: true })
    await client('/api/x')
    expect(sent.map(({ init }) => init.cache)).toEqual(['no-cache', undefined])
  })

  it('gives nothing back for 204', async () => {
    const { client } = setUp([new Response(null, { status: 204 })])
    await expect(client('/api/x', { method: 'DELETE' })).resolves.toBeUndefined()
  })

  it('renews a token that is refused, once', async () => {
    const { client, sent, renewals } = setUp([problem(401), ok({ done: true })], ['old', 'new'])
    await expect(client('/api/x', { method: 'POST' })).resolves.toEqual({ done: true })
    expect(sent.map(({ headers }) => headers.Authorization)).toEqual(['Bearer old', 'Bearer new'])
    const second = setUp([problem(401), problem(401)], ['old', 'new'])
    await expect(second.client('/api/x')).rejects.toMatchObject({ status: 401 })
    expect([renewals(), second.renewals()]).toEqual([1, 1])
  })

  it('does not renew for somebody who is not signed in', async () => {
    const { client, renewals } = setUp([problem(401, { detail: 'sign in first' })])
    await expect(client('/api/x')).rejects.toThrow('sign in first')
    expect(renewals()).toBe(0)
  })

  it.each(['GET', 'PUT', 'DELETE'] as const)('tries a %s again when nothing came back', async (method) => {
    const { client, waits } = setUp([cut(), problem(503), ok({ n: 3 })])
    await expect(client('/api/x', { method })).resolves.toEqual({ n: 3 })
    expect(waits).toEqual([300, 1_200])
  })

  it('waits as long as the API asks, within reason', async () => {
    const { client, waits } = setUp([
      problem(503, {}, { 'Retry-After': '2' }),
      problem(503, {}, { 'Retry-After': '900' }),
      ok(),
    ])
    await client('/api/x')
    expect(waits).toEqual([2_000, 5_000])
  })

  it('never sends a POST twice, unless it has a key', async () => {
    const without = setUp([cut(), ok()])
    await expect(without.client('/api/x', { method: 'POST' })).rejects.toBeInstanceOf(Unreachable)
    expect(without.sent).toHaveLength(1)
    const withKey = setUp([cut(), ok()])
    await withKey.client('/api/x', { method: 'POST', idempotencyKey: 'k1234567' })
    expect(withKey.sent.map(({ headers }) => headers['Idempotency-Key'])).toEqual(['k1234567', 'k1234567'])
  })

  it.each([400, 404, 409, 422, 429, 500])('takes %d for an answer', async (status) => {
    const { client, sent } = setUp([problem(status)])
    await expect(client('/api/x')).rejects.toMatchObject({ status })
    expect(sent).toHaveLength(1)
  })

  it('stops trying when nobody waits for the answer any more', async () => {
    const { client, sent } = setUp([cut(), ok()])
    await expect(client('/api/x', { signal: AbortSignal.abort() })).rejects.toThrow()
    expect(sent).toHaveLength(1)
  })
})

describe('an error of the API', () => {
  it('carries what a problem says', async () => {
    const body = {
      detail: 'a password is too short',
      request_id: 'r1',
      errors: [{ path: 'password', message: 'm' }],
    }
    const error = await setUp([problem(400, body)])
      .client('/api/x')
      .catch((thrown) => thrown)
    expect(error).toBeInstanceOf(ApiError)
    expect(error).toMatchObject({ requestId: 'r1', fields: [{ path: 'password', message: 'm' }] })
    expect(explain(error).message).toBe('A password is too short.')
  })

  it('is a sentence also if the answer is a page of the proxy', async () => {
    const page = new Response('<h1>502</h1>', { status: 500, headers: { 'Content-Type': 'text/html' } })
    const error = await setUp([page])
      .client('/api/x')
      .catch((thrown) => thrown)
    expect(explain(error)).toMatchObject({ message: 'The shop cannot answer at the moment.' })
  })

  it('tells people what they can do', () => {
    expect(explain(new Unreachable('x')).hint).toContain('connection')
    expect(explain(new ApiError(429, 'slow down', { retryAfter: 30 })).hint).toBe('Try again in 30 s.')
    expect(explain(new Error('x')).message).not.toContain('x is')
  })
})
