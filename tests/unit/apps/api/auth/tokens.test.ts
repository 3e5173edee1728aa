import { SignJWT } from 'jose'
import { describe, expect, test } from 'vitest'
import { fixedKeys, type StoredKey, storedKeys } from '../../../../../apps/api/auth/keys.ts'
import { accessTokens } from '../../../../../apps/api/auth/tokens.ts'

const [OLD, NEW] = ['the secret of last year, 32 characters', 'the secret of this year, 32 characters']
const settings = { issuer: 'https://shop.example.com', minutes: 15 }
const anna = { id: '00000000-0000-4000-8000-00000000000a', role: 'admin' as const }
const NOW = Date.UTC(2026, 10, 22)
const tokens = accessTokens(fixedKeys([OLD]), settings, () => NOW)
const refused = (message: RegExp) =>
  expect.objectContaining({ status: 401, message: expect.stringMatching(message) })

const part = (token: string, at: number) =>
  JSON.parse(Buffer.from(token.split('.')[at] ?? '', 'base64url').toString())
const kidOf = async () => part((await tokens.issue(anna)).token, 0).kid as string

/** A token that is right but for what is changed. */
async function forged(changed: {
  header?: Record<string, string>
  claims?: Record<string, unknown>
  secret?: string
}): Promise<string> {
  const seconds = NOW / 1000
  const claims = { role: 'admin', sub: anna.id, iss: settings.issuer, aud: 'ecomweb-shop', exp: seconds + 60 }
  return new SignJWT({ ...claims, ...changed.claims })
    .setProtectedHeader({ alg: 'HS256', kid: await kidOf(), ...changed.header })
    .sign(new TextEncoder().encode(changed.secret ?? OLD))
}

describe('an access token', () => {
  test('says who somebody is, by which key, for whom and until when', async () => {
    const { token, expires_in } = await tokens.issue(anna)
    expect(expires_in).toBe(900)
    expect(part(token, 0)).toEqual({ alg: 'HS256', kid: expect.stringMatching(/^[\w-]{12}$/) })
    expect(part(token, 1)).toEqual({
      ...{ sub: anna.id, role: 'admin', iss: settings.issuer, aud: 'ecomweb-shop' },
      ...{ iat: NOW / 1000, exp: NOW / 1000 + 900 },
    })
    expect(await tokens.verify(token)).toEqual({ ...anna, expiresAt: NOW + 900_000 })
    expect(await tokens.verify(await forged({}))).toEqual({ ...anna, expiresAt: NOW + 60_000 })
  })

  test('expires', async () => {
    const { token } = await tokens.issue(anna)
    const later = accessTokens(fixedKeys([OLD]), settings, () => NOW + 15 * 60_000)
    await expect(later.verify(token)).rejects.toEqual(refused(/expired/))
  })

  test.each([
    ['of another issuer', { claims: { iss: 'https://staging.example.com' } }],
    ['for another audience', { claims: { aud: 'another-shop' } }],
    ['that never expires', { claims: { exp: undefined } }],
    ['of nobody', { claims: { sub: undefined } }],
    ['of no user id', { claims: { sub: "' OR 1=1" } }],
    ['with an unknown role', { claims: { role: 'owner' } }],
    ['of another algorithm', { header: { alg: 'HS512' }, secret: OLD.repeat(2) }],
    ['of an unknown key', { header: { kid: 'unknown-key1' } }],
    ['signed by somebody else', { secret: NEW }],
  ])('%s is refused', async (_what, changed) => {
    await expect(tokens.verify(await forged(changed))).rejects.toEqual(refused(/not valid/))
  })

  test('without a signature is refused', async () => {
    const { token } = await tokens.issue(anna)
    const none = Buffer.from(JSON.stringify({ alg: 'none', kid: await kidOf() })).toString('base64url')
    for (const bad of [`${none}.${token.split('.')[1]}.`, token.slice(0, -2), 'abc', 'a.b.c']) {
      await expect(tokens.verify(bad)).rejects.toEqual(refused(/not valid/))
    }
  })

  test('of the secret before is accepted until that is taken away', async () => {
    const { token } = await tokens.issue(anna)
    const rotated = accessTokens(fixedKeys([NEW, OLD]), settings, () => NOW)
    expect(await rotated.verify(token)).toMatchObject(anna)
    const fresh = (await rotated.issue(anna)).token
    expect(part(fresh, 0).kid).not.toBe(part(token, 0).kid)
    await expect(tokens.verify(fresh)).rejects.toEqual(refused(/not valid/))
    await expect(accessTokens(fixedKeys([NEW]), settings, () => NOW).verify(token)).rejects.toEqual(
      refused(/not valid/),
    )
  })
})

describe('stored keys', () => {
  function shop() {
    const store = {
      rows: [{ id: 'one', secret: OLD, retiredAt: null }] as StoredKey[],
      reads: 0,
      lost: false,
      now: 0,
    }
    const read = async () => {
      store.reads++
      if (store.lost) throw new Error('the database is away')
      return store.rows
    }
    return { store, keys: storedKeys(read, () => store.now) }
  }

  test('are read once by all who ask at the same time', async () => {
    const { store, keys } = shop()
    await Promise.all([keys.signing(), keys.find('one'), keys.signing()])
    expect(store.reads).toBe(1)
  })

  test('are read again for a key that is not known, at most once a second', async () => {
    const { store, keys } = shop()
    await keys.signing()
    store.rows = [{ id: 'two', secret: NEW, retiredAt: null }, ...store.rows]
    expect(await keys.find('two')).toBeUndefined()
    store.now += 1000
    expect(await keys.find('two')).toBeDefined()
    for (let asked = 0; asked < 50; asked++) expect(await keys.find('forged')).toBeUndefined()
    expect(store.reads).toBe(2)
    expect((await keys.signing()).id).toBe('two')
  })

  test('are accepted until they are retired', async () => {
    const { store, keys } = shop()
    store.rows = [{ id: 'one', secret: OLD, retiredAt: new Date(5000) }]
    expect(await keys.find('one')).toBeDefined()
    store.now = 5000
    expect(await keys.find('one')).toBeUndefined()
  })

  test('go on to count while the database is away, but the first cannot be had then', async () => {
    const { store, keys } = shop()
    store.lost = true
    await expect(keys.signing()).rejects.toThrow('away')
    store.lost = false
    await keys.signing()
    store.lost = true
    store.now += 120_000
    expect((await keys.signing()).id).toBe('one')
    expect(await keys.find('one')).toBeDefined()
    expect(await keys.find('forged')).toBeUndefined()
  })
})
