import { describe, expect, it } from 'vitest'
import { createSession, SIGNED_IN } from '../../../apps/web/src/api/session.ts'
import { memoryStore, type Store } from '../../../apps/web/src/api/storage.ts'

const ada = { id: 'u1', email: 'ada@example.org', role: 'user' }
const signedIn = (token: string, more = {}) => Response.json({ token, expires_in: 900, user: ada, ...more })

/** A session against answers from a list; `clock.now` moves by hand. */
function setUp(answers: (Response | Error)[], { elsewhere = false, before = false } = {}) {
  const sent: { path: string; body: unknown; headers: Record<string, string> }[] = []
  const clock = { now: 0 }
  const lasting: Store = memoryStore()
  if (before) lasting.setItem(SIGNED_IN, '1')
  const session = createSession({
    send: async (path, init) => {
      sent.push({
        path,
        body: JSON.parse(String(init.body)),
        headers: init.headers as Record<string, string>,
      })
      const answer = answers.shift()
      if (!answer || answer instanceof Error) throw answer ?? new TypeError('no answer is left')
      return answer
    },
    elsewhere: async () => elsewhere,
    lasting,
    passing: memoryStore(),
    now: () => clock.now,
    alone: (task) => task(),
  })
  return { session, sent, clock, lasting }
}

describe('a session', () => {
  it('asks nothing at the start of somebody who never signed in', async () => {
    const { session, sent } = setUp([])
    await session.restore()
    expect(session.state()).toEqual({ phase: 'anonymous' })
    expect(await session.token()).toBeUndefined()
    expect(sent).toEqual([])
  })

  it('is taken up again by the cookie, and requests wait for it', async () => {
    const { session, sent } = setUp([signedIn('t1')], { before: true })
    expect(session.state()).toEqual({ phase: 'restoring' })
    void session.restore()
    expect(await session.token()).toBe('t1')
    expect(session.state()).toEqual({ phase: 'user', user: ada })
    expect(sent.map(({ path }) => path)).toEqual(['/api/auth/refresh'])
  })

  it('renews once for all who ask at the same time', async () => {
    const { session, sent } = setUp([signedIn('t1'), signedIn('t2'), signedIn('t3')])
    await session.login('ada@example.org', 'p')
    await Promise.all([session.renew(), session.renew(), session.renew()])
    expect(sent).toHaveLength(2)
    expect(await session.token()).toBe('t2')
    await session.renew()
    expect(await session.token()).toBe('t3')
  })

  it('renews shortly before the token ends', async () => {
    const { session, clock } = setUp([signedIn('t1'), signedIn('t2')])
    await session.login('ada@example.org', 'p')
    clock.now = 870_000
    expect(await session.token()).toBe('t1')
    clock.now = 890_000
    expect(await session.token()).toBe('t2')
  })

  it('gives another token to whom the last one was refused', async () => {
    const { session } = setUp([signedIn('t1'), signedIn('t2')])
    await session.login('ada@example.org', 'p')
    expect(await session.token()).toBe('t1')
    expect(await session.token(true)).toBe('t2')
  })

  it('ends when the API refuses to renew it', async () => {
    const { session, lasting } = setUp([signedIn('t1'), new Response(null, { status: 401 })])
    await session.login('ada@example.org', 'p')
    await session.renew()
    expect(session.state()).toEqual({ phase: 'anonymous' })
    expect(lasting.getItem(SIGNED_IN)).toBeNull()
  })

  it.each([
    ['is out of reach', () => new TypeError('failed to fetch')],
    ['fails', () => new Response(null, { status: 503 })],
  ])('does not end because the API %s', async (_, answer) => {
    const { session } = setUp([signedIn('t1'), answer()])
    await session.login('ada@example.org', 'p')
    await expect(session.renew()).rejects.toThrow()
    expect(session.state()).toMatchObject({ phase: 'user' })
    expect(await session.token()).toBe('t1')
  })

  it('that could not be taken up is tried again later', async () => {
    const { session } = setUp([new TypeError('failed to fetch'), signedIn('t1')], { before: true })
    await session.restore()
    expect(session.state()).toEqual({ phase: 'anonymous' })
    await session.restore()
    expect(session.state()).toMatchObject({ phase: 'user' })
  })

  it('says why somebody cannot sign in', async () => {
    const refusal = Response.json({ detail: 'e-mail or password is wrong' }, { status: 401 })
    const { session } = setUp([refusal])
    await expect(session.login('ada@example.org', 'x')).rejects.toThrow('e-mail or password is wrong')
    expect(session.state()).toEqual({ phase: 'anonymous' })
  })

  it('is left also when the API cannot be told', async () => {
    const { session } = setUp([signedIn('t1'), new TypeError('failed to fetch')])
    await session.login('ada@example.org', 'p')
    await session.logout()
    expect(session.state()).toEqual({ phase: 'anonymous' })
    expect(await session.token()).toBeUndefined()
  })

  it('tells who listens, once a change', async () => {
    const { session } = setUp([signedIn('t1'), signedIn('t2')])
    let told = 0
    session.subscribe(() => {
      told += 1
    })
    await session.login('ada@example.org', 'p')
    await session.renew()
    expect(told).toBe(1)
  })

  it('on another host sends the refresh token itself, since no cookie gets there', async () => {
    const answers = [
      signedIn('t1', { refresh_token: 'r1' }),
      signedIn('t2', { refresh_token: 'r2' }),
      signedIn('t3'),
    ]
    const { session, sent } = setUp(answers, { elsewhere: true })
    await session.login('ada@example.org', 'p')
    await session.renew()
    await session.renew()
    expect(sent.map(({ body }) => body)).toEqual([
      { email: 'ada@example.org', password: 'p' },
      { refresh_token: 'r1' },
      { refresh_token: 'r2' },
    ])
    expect(sent.every(({ headers }) => headers['X-Ecomweb-Client'] === 'token')).toBe(true)
  })
})
