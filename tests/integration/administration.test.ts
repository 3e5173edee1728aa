import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { adminOperations } from '../../apps/api/admin/operations.ts'
import { openShop, type Shop } from './accounts.fixture.ts'

let shop: Shop
const sign: Shop['sign'] = (...given) => shop.sign(...given)
const ask: Shop['ask'] = (...given) => shop.ask(...given)
const refresh: Shop['refresh'] = (token) => shop.refresh(token)

beforeAll(async () => {
  shop = await openShop()
})
beforeEach(() => shop.own.sql('TRUNCATE users, audit_log CASCADE'))
afterAll(() => shop.close())

describe('an administrator', () => {
  test('finds users, and nobody else does', async () => {
    const { body: anna } = await sign('register', 'anna@example.com')
    await sign('register', 'bert@example.com')
    const { token } = await shop.anAdmin()
    const { status, body } = await ask('GET', '/admin/users?search=ANNA&limit=1', undefined, token)
    expect([status, body]).toEqual([
      200,
      {
        users: [{ ...anna.user, created_at: expect.stringMatching(/Z$/), disabled_at: null }],
        pagination: { page: 1, limit: 1, total: 1, pages: 1 },
      },
    ])
    expect((await ask('GET', '/admin/users?search=%00', undefined, token)).status).toBe(400)
    const { body: log } = await ask('GET', '/admin/audit', undefined, token)
    const documented = adminOperations.find(({ id }) => id === 'listAudit')?.answers[200]?.schema
    expect(documented?.parse(log)).toEqual(log)
    for (const path of ['/admin/users', '/admin/audit']) {
      expect((await ask('GET', path)).status).toBe(401)
      expect((await ask('GET', path, undefined, anna.token)).status).toBe(403)
    }
    expect((await ask('PATCH', `/admin/users/${anna.user.id}`, { role: 'admin' }, anna.token)).status).toBe(
      403,
    )
  })

  test('disables a user, whose logins end for good', async () => {
    const { body: anna } = await sign('register', 'anna@example.com')
    const { token, user } = await shop.anAdmin()
    const patch = (change: unknown) => ask('PATCH', `/admin/users/${anna.user.id}`, change, token)
    expect((await patch({ disabled: true })).body.user).toMatchObject({ disabled_at: expect.any(String) })
    expect((await sign('login', 'anna@example.com')).status).toBe(401)
    expect((await refresh(anna.refresh_token)).status).toBe(401)
    expect((await ask('GET', '/auth/me', undefined, anna.token)).status).toBe(401)
    // Once more changes nothing, so it is not written down either.
    expect((await patch({ disabled: true })).status).toBe(200)
    expect((await patch({ disabled: false })).body.user).toMatchObject({ disabled_at: null })
    expect((await refresh(anna.refresh_token)).status).toBe(401)
    const again = await sign('login', 'anna@example.com')
    expect((await refresh(again.body.refresh_token)).status).toBe(200)
    const { body } = await ask('GET', '/admin/audit', undefined, token)
    const entry = {
      actor_id: user.id,
      target: `user:${anna.user.id}`,
      request_id: 'of-this-test',
      details: {},
    }
    expect(body).toMatchObject({
      entries: [
        { action: 'user.enabled', ...entry },
        { action: 'user.disabled', ...entry },
        { action: 'admin.created', actor_id: null, target: `user:${user.id}`, request_id: null },
      ],
      pagination: { total: 3 },
    })
  })

  test('changes a role, which counts from the next access token on', async () => {
    const { body: anna } = await sign('register', 'anna@example.com')
    const { token } = await shop.anAdmin()
    const { body } = await ask('PATCH', `/admin/users/${anna.user.id}`, { role: 'admin' }, token)
    expect(body.user).toMatchObject({ role: 'admin' })
    const { body: now } = await refresh(anna.refresh_token)
    expect((await ask('GET', '/admin/audit?limit=1', undefined, now.token)).body).toMatchObject({
      entries: [{ action: 'user.role', details: { from: 'user', to: 'admin' } }],
      pagination: { page: 1, limit: 1, total: 2, pages: 2 },
    })
  })

  test('cannot shut themselves out, nor change what is no user', async () => {
    const { token, user } = await shop.anAdmin()
    const patch = (id: string, change: unknown) => ask('PATCH', `/admin/users/${id}`, change, token)
    expect((await patch(user.id, { disabled: true })).status).toBe(409)
    expect((await patch(user.id.toUpperCase(), { role: 'user' })).status).toBe(409)
    expect((await patch('7', { role: 'user' })).status).toBe(404)
    expect((await patch('00000000-0000-4000-8000-00000000000b', { role: 'user' })).status).toBe(404)
    for (const change of [{}, { role: 'owner' }, { disabled: 'yes' }, { email: 'x@example.com' }]) {
      expect((await patch('00000000-0000-4000-8000-00000000000b', change)).status).toBe(400)
    }
  })

  test('made from a user who was there gets in by the new password alone', async () => {
    // Anybody may have registered with the address of an administrator to be.
    const { body: stranger } = await sign('register', 'admin@example.com', 'what the stranger chose')
    const { user } = await shop.anAdmin()
    expect(user).toEqual({ ...stranger.user, role: 'admin' })
    expect((await refresh(stranger.refresh_token)).status).toBe(401)
    expect((await sign('login', 'admin@example.com', 'what the stranger chose')).status).toBe(401)
    const actions = await shop.own.sql('SELECT action, target FROM audit_log')
    expect(actions).toEqual([{ action: 'admin.promoted', target: `user:${user.id}` }])
  })
})
