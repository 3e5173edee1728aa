import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { openShop, PASSWORD, type Shop } from './accounts.fixture.ts'

let shop: Shop
const sign: Shop['sign'] = (...given) => shop.sign(...given)
const ask: Shop['ask'] = (...given) => shop.ask(...given)
const refresh: Shop['refresh'] = (token) => shop.refresh(token)

beforeAll(async () => {
  shop = await openShop()
})
beforeEach(() => shop.own.sql('TRUNCATE users, audit_log CASCADE'))
afterAll(() => shop.close())

describe('an account', () => {
  test('is registered, signed in to, refreshed and signed out of', async () => {
    const registered = await sign('register', 'anna@example.com')
    expect(registered).toMatchObject({
      status: 201,
      body: { user: { email: 'anna@example.com', role: 'user' } },
    })
    const { status, body } = await sign('login', 'ANNA@example.com')
    expect([status, body.user]).toEqual([200, registered.body.user])
    expect((await ask('GET', '/auth/me', undefined, body.token)).body).toEqual({ user: body.user })
    const refreshed = await refresh(body.refresh_token)
    expect([refreshed.status, refreshed.body.user]).toEqual([200, body.user])
    const signedOut = await ask('POST', '/auth/logout', { refresh_token: refreshed.body.refresh_token })
    expect(signedOut.status).toBe(204)
    expect((await refresh(refreshed.body.refresh_token)).status).toBe(401)
    // The other login of the same user goes on.
    expect((await refresh(registered.body.refresh_token)).status).toBe(200)
  })

  test('is made once, however many ask for it at the same moment', async () => {
    const tries = await Promise.all(Array.from({ length: 5 }, () => sign('register', 'anna@example.com')))
    expect(tries.map(({ status }) => status).sort()).toEqual([201, 409, 409, 409, 409])
  })

  test('is kept without its password, and its logins without their tokens', async () => {
    const { body } = await sign('register', 'anna@example.com')
    const rows = await shop.own.sql('SELECT * FROM users')
    expect(JSON.stringify(rows)).not.toContain(PASSWORD)
    const [family, secret] = body.refresh_token.split('.')
    const key = `session:${family}`
    expect(await shop.redis.hget(key, 'user')).toBe(body.user.id)
    expect(JSON.stringify(await shop.redis.hgetall(key))).not.toContain(secret)
    expect(await shop.redis.ttl(key)).toBeGreaterThan(29 * 86_400)
  })

  test('does not show by an answer whether it exists', async () => {
    await sign('register', 'anna@example.com')
    const wrong = await sign('login', 'anna@example.com', 'another long password')
    const unknown = await sign('login', 'nobody@example.com', 'another long password')
    expect([unknown.status, unknown.body.error]).toEqual([401, 'e-mail or password is wrong'])
    expect([wrong.status, wrong.body.error]).toEqual([unknown.status, unknown.body.error])
  })
})

describe('a refresh token that was replaced long ago', () => {
  test('ends the login for whoever holds the newest one too', async () => {
    const { body } = await sign('register', 'anna@example.com')
    const second = await refresh(body.refresh_token)
    const third = await refresh(second.body.refresh_token)
    expect(third.status).toBe(200)
    expect((await refresh(body.refresh_token)).status).toBe(401)
    expect((await refresh(third.body.refresh_token)).status).toBe(401)
  })
})

describe('guessing', () => {
  test('is stopped for an account and its address, whichever process is asked', async () => {
    const email = 'guessed@example.com'
    const guess = { email, password: 'a wrong password' }
    await sign('register', email)
    const tries = Array.from({ length: 14 }, () => ask('POST', '/auth/login', guess, undefined, false))
    const statuses = (await Promise.all(tries)).map(({ status }) => status).sort()
    expect(statuses).toEqual([...Array(10).fill(401), ...Array(4).fill(429)])
    const { accounts: elsewhere, redis } = await shop.elsewhere()
    const given = { email, password: PASSWORD }
    await expect(elsewhere.service.login(given, '127.0.0.1')).rejects.toMatchObject({
      status: 429,
      retryAfter: expect.toSatisfy((seconds: number) => seconds > 800 && seconds <= 900),
    })
    // From home the owner gets in.
    expect(await elsewhere.service.login(given, '203.0.113.7')).toMatchObject({ expires_in: 900 })
    // Without Redis this process counts by itself, and signs in without a refresh token.
    redis.disconnect()
    expect(await elsewhere.service.login(given, '198.51.100.9')).toMatchObject({ refresh: undefined })
    for (let failure = 0; failure < 10; failure++) {
      await expect(elsewhere.service.login(guess, '198.51.100.9')).rejects.toMatchObject({ status: 401 })
    }
    await expect(elsewhere.service.login(guess, '198.51.100.9')).rejects.toMatchObject({ status: 429 })
    await expect(elsewhere.service.refresh(`${'x'.repeat(22)}.${'x'.repeat(43)}`)).rejects.toMatchObject({
      status: 503,
      retryAfter: 2,
    })
  })
})
