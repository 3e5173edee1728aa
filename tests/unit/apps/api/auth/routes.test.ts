import { Writable } from 'node:stream'
import { pino } from 'pino'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { type Account, toRole } from '../../../../../apps/api/auth/accounts.ts'
import { EXEMPT, fakeAccounts, PASSWORD } from '../accounts.fixture.ts'
import { type Running, startApp } from '../app.fixture.ts'

const email = 'anna@example.com'
let fake: ReturnType<typeof fakeAccounts>
let app: Running
let logged: string

beforeEach(async () => {
  logged = ''
  const sink = new Writable({
    write(chunk, _encoding, done) {
      logged += chunk
      done()
    },
  })
  const log = pino({ level: 'trace' }, sink)
  fake = fakeAccounts({ log })
  app = await startApp({ log, accounts: fake.accounts })
})
afterEach(() => app.close())

type Body = { token: string; expires_in: number; user: unknown; refresh_token?: string; error?: string }
type Sent = { body?: unknown; headers?: Record<string, string> }

async function post(path: string, { body, headers }: Sent = {}) {
  const response = await fetch(`${app.url}/api/auth/${path}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
  })
  const text = await response.text()
  const cookie = response.headers.getSetCookie()[0]
  const token = /^ecomweb_refresh=([^;]+)/.exec(cookie ?? '')?.[1]
  return {
    status: response.status,
    headers: response.headers,
    cookie,
    token,
    body: JSON.parse(text || '{}') as Body,
  }
}

const register = (headers = {}) => post('register', { body: { email, password: PASSWORD }, headers })
const login = (password = PASSWORD, address = email, headers = {}) =>
  post('login', { body: { email: address, password }, headers })
const bearer = (token: string) => ({ headers: { authorization: `Bearer ${token}` } })

describe('registering', () => {
  test('signs in, under the e-mail in small letters', async () => {
    const { status, body, headers } = await post('register', {
      body: { email: 'Anna@Example.COM', password: PASSWORD },
    })
    expect([status, body]).toEqual([
      201,
      {
        token: expect.stringMatching(/^[\w-]+\.[\w-]+\.[\w-]+$/),
        expires_in: 900,
        user: { id: expect.any(String), email, role: 'user' },
      },
    ])
    expect(headers.get('cache-control')).toBe('no-store')
    const me = await fetch(`${app.url}/api/auth/me`, bearer(body.token))
    expect(await me.json()).toEqual({ user: body.user })
  })

  test('is refused for an e-mail that is taken, only after the password was judged', async () => {
    await register()
    const short = await post('register', { body: { email, password: 'short' } })
    expect([short.status, short.body.error]).toEqual([
      400,
      expect.stringMatching(/^password: should have at least 15/),
    ])
    expect((await register()).status).toBe(409)
  })

  test.each([{}, { email }, { email: 'nobody', password: PASSWORD }, { email, password: 7 }])(
    'is refused as %j',
    async (body) => expect((await post('register', { body })).status).toBe(400),
  )
})

describe('the refresh token', () => {
  test('is kept from scripts, other sites and other routes', async () => {
    const { cookie, body } = await register()
    const attributes = cookie?.split('; ').slice(1)
    expect(attributes).toEqual(
      expect.arrayContaining([
        'HttpOnly',
        'Secure',
        'SameSite=Strict',
        'Path=/api/auth',
        `Max-Age=${30 * 86_400}`,
      ]),
    )
    expect(body.refresh_token).toBeUndefined()
  })

  test('goes without Secure where the shop has no https', async () => {
    const plain = await startApp({ accounts: fakeAccounts({ issuer: 'http://localhost' }).accounts })
    const response = await fetch(`${plain.url}/api/auth/register`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ email, password: PASSWORD }),
    })
    expect(response.headers.getSetCookie()[0]).not.toMatch(/Secure/)
    await plain.close()
  })

  test('is replaced at each use', async () => {
    const first = await register()
    const second = await post('refresh', { headers: { cookie: `other=1; ecomweb_refresh=${first.token}` } })
    expect([second.status, second.body.user]).toEqual([200, first.body.user])
    expect(second.token).not.toBe(first.token)
  })

  test('is told in the body to clients on other hosts', async () => {
    const headers = { 'x-ecomweb-client': 'token' }
    const first = (await register(headers)).body.refresh_token
    const second = await post('refresh', { body: { refresh_token: first }, headers })
    expect(second.body.refresh_token).toMatch(/./)
    expect(second.body.refresh_token).not.toBe(first)
  })

  test('is not told to a script that has only the cookie', async () => {
    const { token } = await register()
    const headers = { 'x-ecomweb-client': 'token', cookie: `ecomweb_refresh=${token}` }
    const { status, body } = await post('refresh', { headers })
    expect([status, body.refresh_token]).toEqual([200, undefined])
  })

  test('works beside an access token that has expired', async () => {
    const { token } = await register()
    const headers = { cookie: `ecomweb_refresh=${token}`, authorization: 'Bearer ex.pi.red' }
    expect((await post('refresh', { headers })).status).toBe(200)
  })

  test('is taken away when the login is over', async () => {
    expect((await post('refresh')).status).toBe(401)
    const { status, cookie } = await post('refresh', { headers: { cookie: 'ecomweb_refresh=unknown' } })
    expect([status, cookie]).toEqual([
      401,
      expect.stringMatching(/^ecomweb_refresh=; .*Expires=Thu, 01 Jan 1970/),
    ])
  })

  test('ends with signing out', async () => {
    const { token } = await register()
    const headers = { cookie: `ecomweb_refresh=${token}` }
    expect(await post('logout', { headers })).toMatchObject({
      status: 204,
      cookie: expect.stringMatching(/=;/),
    })
    expect((await post('refresh', { headers })).status).toBe(401)
    expect((await post('logout')).status).toBe(204)
  })

  test('ends with the password that it began with, and for a disabled account', async () => {
    for (const change of [
      { passwordHash: 'another' },
      { disabledAt: new Date() },
    ] satisfies Partial<Account>[]) {
      fake.repository.all = []
      const { token } = await register()
      Object.assign(fake.repository.all[0] as Account, change)
      expect((await post('refresh', { headers: { cookie: `ecomweb_refresh=${token}` } })).status).toBe(401)
    }
  })
})

describe('without Redis', () => {
  test('signing in goes on, refreshing waits', async () => {
    const { token } = await register()
    fake.sessions.away = true
    const { status, body, cookie } = await login()
    expect([status, body.expires_in, cookie]).toEqual([200, 900, undefined])
    const refresh = await post('refresh', { headers: { cookie: `ecomweb_refresh=${token}` } })
    expect([refresh.status, refresh.headers.get('retry-after')]).toEqual([503, '2'])
  })
})

describe('signing in', () => {
  test('answers and works alike for an unknown e-mail, a wrong password and a disabled account', async () => {
    await register()
    const wrong = await login('another long password')
    const unknown = await login(PASSWORD, 'bert@example.com')
    Object.assign(fake.repository.all[0] as Account, { disabledAt: new Date() })
    const disabled = await login()
    for (const { status, body } of [wrong, unknown, disabled]) {
      expect([status, body.error]).toEqual([401, 'e-mail or password is wrong'])
    }
    expect(fake.passwords.compared).toHaveLength(3)
  })

  test('is refused for a while after ten failures, also with the right password', async () => {
    await register()
    for (let failure = 0; failure < 10; failure++) expect((await login('wrong')).status).toBe(401)
    const { status, headers } = await login()
    expect(status).toBe(429)
    expect(Number(headers.get('retry-after'))).toBeGreaterThan(800)
    expect(fake.passwords.compared).toHaveLength(10)
    // Whether there is such an account or not.
    for (let failure = 0; failure < 10; failure++) await login('wrong', 'bert@example.com')
    expect((await login('wrong', 'bert@example.com')).status).toBe(429)
  })

  test('forgets failures once it succeeds, and counts nothing for a load test', async () => {
    await register()
    for (let round = 0; round < 2; round++) {
      for (let failure = 0; failure < 9; failure++) await login('wrong')
      expect((await login()).status).toBe(200)
    }
    const exempt = { 'x-ecomweb-exempt': EXEMPT }
    for (let failure = 0; failure < 12; failure++)
      expect((await login('wrong', email, exempt)).status).toBe(401)
  })

  test('has a limit for an address however many accounts it tries', async () => {
    const tries = Array.from({ length: 101 }, (_, at) => login('wrong', `user${at}@example.com`))
    const statuses = (await Promise.all(tries)).map(({ status }) => status)
    expect(statuses.filter((status) => status === 429)).toHaveLength(1)
  })
})

describe('what nobody should see', () => {
  test('is in no log line and no answer', async () => {
    const { token, body } = await register()
    await login('a wrong password of somebody')
    await post('refresh', { headers: { cookie: `ecomweb_refresh=${token}` } })
    await post('refresh', { headers: { cookie: `ecomweb_refresh=${token}` } })
    await fetch(`${app.url}/api/auth/me`, bearer(body.token))
    const malformed = await post('login', { body: `{"email":"${email}","password":"${PASSWORD}` })
    expect(malformed.status).toBe(400)
    expect(JSON.stringify(malformed.body)).not.toContain(PASSWORD)
    expect(logged).toMatch(/used again/)
    for (const secret of [
      PASSWORD,
      'a wrong password',
      token,
      body.token,
      fake.repository.all[0]?.passwordHash,
    ]) {
      expect(logged).not.toContain(secret)
    }
  })
})

test('a role that this release does not know has no rights', () => {
  expect(['admin', 'user', 'owner', ''].map(toRole)).toEqual(['admin', 'user', 'user', 'user'])
})
