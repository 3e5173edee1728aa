import express, { type Request } from 'express'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { exemptions, network } from '../../../../../apps/api/limits/client.ts'
import { memoryLimiter } from '../../../../../apps/api/limits/limiter.ts'
import { WRITES } from '../../../../../apps/api/limits/writes.ts'
import { EXEMPT, fakeAccounts } from '../accounts.fixture.ts'
import { type Running, startApp } from '../app.fixture.ts'

describe('the address that counts', () => {
  test.each([
    ['203.0.113.7', '203.0.113.7'],
    ['::ffff:203.0.113.7', '203.0.113.7'],
    ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2::/64'],
    ['2001:DB8:0001:2::9', '2001:db8:1:2::/64'],
    ['2001:db8::1', '2001:db8:0:0::/64'],
    ['::1', '0:0:0:0::/64'],
    ['fe80::1%eth0', 'fe80:0:0:0::/64'],
    ['unknown', 'unknown'],
  ])('of %s is %s', (address, counted) => expect(network(address)).toBe(counted))
})

describe('exempt', () => {
  const asks = (headers: Record<string, string>) =>
    Object.assign(Object.create(express.request), { headers }) as Request
  const exempt = exemptions(EXEMPT)
  test.each([
    [{ 'x-ecomweb-probe': '1' }, true],
    [{ 'x-ecomweb-exempt': EXEMPT }, true],
    [{ 'x-ecomweb-exempt': `${EXEMPT}x` }, false],
    [{ 'x-ecomweb-exempt': '' }, false],
    [{ 'x-ecomweb-probe': '0' }, false],
    [{}, false],
  ])('by %j: %s', (headers, is) => expect(exempt(asks(headers))).toBe(is))
  test('is nobody by a token where none is set', () => {
    expect(exemptions(undefined)(asks({ 'x-ecomweb-exempt': 'undefined' }))).toBe(false)
  })
})

const aMinute = expect.toSatisfy((seconds: number) => seconds > 30 && seconds <= 60)

describe('a limit', () => {
  test('is refused with the seconds to wait, for each key by itself', async () => {
    const limiter = memoryLimiter({ name: 'test', points: 2, seconds: 60 })
    await limiter.take('a')
    await limiter.take('a')
    await expect(limiter.take('a')).rejects.toMatchObject({ status: 429, retryAfter: aMinute })
    await limiter.take('b')
    limiter.forget('a')
    await limiter.take('a')
  })
})

describe('orders', () => {
  let app: Running
  const fake = fakeAccounts()
  beforeAll(async () => {
    const orders = memoryLimiter({ ...WRITES.orders, points: 2 })
    app = await startApp({ accounts: { ...fake.accounts, limits: { ...fake.accounts.limits, orders } } })
  })
  afterAll(() => app.close())
  const order = async (headers: Record<string, string> = {}) => {
    const response = await fetch(`${app.url}/api/orders`, { method: 'POST', headers })
    return { status: response.status, retryAfter: Number(response.headers.get('retry-after')) }
  }

  test('are limited for an address, and for a user wherever they are', async () => {
    // Without a key they are refused, and count all the same.
    for (let count = 0; count < 2; count++) expect((await order()).status).toBe(400)
    expect(await order()).toEqual({ status: 429, retryAfter: aMinute })
    expect((await order({ 'x-ecomweb-exempt': EXEMPT })).status).toBe(400)
    expect((await order({ 'x-ecomweb-probe': '1' })).status).toBe(400)
    expect((await fetch(`${app.url}/api/orders/unknown`)).status).toBe(404)
    const { token } = await fake.tokens.issue({ id: '00000000-0000-4000-8000-00000000000a', role: 'user' })
    expect((await order({ authorization: `Bearer ${token}` })).status).toBe(400)
    expect((await order({ authorization: 'Bearer for.ged.token' })).status).toBe(401)
  })
})
