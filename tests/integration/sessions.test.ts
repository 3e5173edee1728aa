import { randomBytes } from 'node:crypto'
import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest'
import { audit } from '../../apps/api/audit.ts'
import { signingKeys } from '../../apps/api/auth/keys.ts'
import { GRACE_MS, redisSessions } from '../../apps/api/auth/sessions.ts'
import { redisLimiter } from '../../apps/api/limits/limiter.ts'
import { openRedis, type Redis } from '../../apps/core/redis.ts'
import { type OwnDatabase, ownDatabase } from './database.ts'
import { redisUrl } from './redis.ts'

const owner = { userId: '00000000-0000-4000-8000-00000000000a', stamp: 'of the password' }
let redis: Redis
let now = 1_000_000

beforeAll(async () => {
  redis = openRedis({ REDIS_URL: redisUrl(1) })
  await new Promise((resolve) => redis.once('ready', resolve))
})
afterAll(() => redis.disconnect())

describe('a login in Redis', () => {
  const sessions = () => redisSessions(redis, 30, () => now)
  let token: string
  beforeEach(async () => {
    token = (await sessions().begin(owner)) as string
  })
  const rotate = async (used: string) => sessions().rotate(used)

  test('says whose it is, and changes its token at each use', async () => {
    expect(await sessions().look(token)).toEqual(owner)
    const seen = new Set([token])
    let newest = token
    for (let use = 0; use < 5; use++) {
      newest = ((await rotate(newest)) as { token: string }).token
      seen.add(newest)
    }
    expect(seen.size).toBe(6)
    expect(await sessions().look(newest)).toEqual(owner)
  })

  test('gives tabs that refresh at the same moment one successor, and goes on', async () => {
    const answers = await Promise.all(Array.from({ length: 10 }, () => rotate(token)))
    const tokens = new Set(answers.map((answer) => (answer as { token: string }).token))
    expect(tokens.size).toBe(1)
    expect(await rotate([...tokens][0] as string)).toEqual({ token: expect.any(String) })
  })

  test('gives the successor again while an answer may have been lost, and ends after that', async () => {
    const first = await rotate(token)
    now += GRACE_MS
    expect(await rotate(token)).toEqual(first)
    now += 1
    expect(await rotate(token)).toBe('reused')
    expect(await rotate((first as { token: string }).token)).toBe('unknown')
  })

  test('ends when an older token than the one before comes, at any time', async () => {
    const second = (await rotate(token)) as { token: string }
    await rotate(second.token)
    expect(await rotate(token)).toBe('reused')
    expect(await sessions().look(token)).toBeUndefined()
  })

  test('lasts for so long after its last use', async () => {
    const key = `session:${token.split('.')[0]}`
    await redis.pexpire(key, 5000)
    await rotate(token)
    expect(await redis.pttl(key)).toBeGreaterThan(29 * 86_400_000)
  })

  test('ends with all others of its user, and later ones do not', async () => {
    await sessions().endAll(owner.userId)
    expect(await sessions().look(token)).toBeUndefined()
    now += 1
    expect(await sessions().look((await sessions().begin(owner)) as string)).toEqual(owner)
  })

  test('is not found by what is no token', async () => {
    for (const bad of ['', 'x', '*', `${token}x`, `session:${token}`]) {
      expect(await sessions().look(bad)).toBeUndefined()
      expect(await rotate(bad)).toBe('unknown')
    }
    expect(await sessions().look(token)).toEqual(owner)
  })
})

test('a limit takes one round trip, and none for whoever is over it', async () => {
  const limiter = redisLimiter(redis, { name: randomBytes(6).toString('hex'), points: 2, seconds: 60 })
  await limiter.take('warm')
  const sent = vi.spyOn(redis, 'sendCommand')
  await limiter.take('a')
  await limiter.take('a')
  for (let more = 0; more < 20; more++) {
    await expect(limiter.take('a')).rejects.toMatchObject({ status: 429 })
  }
  expect(sent).toHaveBeenCalledTimes(3)
  sent.mockRestore()
})

describe('in PostgreSQL', () => {
  let own: OwnDatabase
  beforeAll(async () => {
    own = await ownDatabase()
  })
  afterAll(() => own.drop())

  test('processes that start together make one signing key', async () => {
    const shops = Array.from({ length: 6 }, () => signingKeys(own.open('nobody', 2)))
    const keys = await Promise.all(shops.map((read) => read()))
    expect(new Set(keys.map(([key]) => key?.id)).size).toBe(1)
    expect(await own.sql('SELECT id FROM signing_keys')).toHaveLength(1)
  })

  test('a key that is retired is followed by one new one, and accepted until its time', async () => {
    const read = signingKeys(own.open())
    const [before] = await read()
    await own.sql("UPDATE signing_keys SET retired_at = now() + interval '15 minutes'")
    const [[newest, older]] = await Promise.all([read(), read(), read()])
    expect(newest?.id).not.toBe(before?.id)
    expect(older?.id).toBe(before?.id)
    expect(await own.sql('SELECT id FROM signing_keys')).toHaveLength(2)
    await own.sql(
      "UPDATE signing_keys SET retired_at = now() - interval '1 second' WHERE retired_at IS NOT NULL",
    )
    expect((await read()).map(({ id }) => id)).toEqual([newest?.id])
  })

  test('an entry of the audit log is undone with what it tells of', async () => {
    const database = own.open()
    const undone = database.$transaction(async (transaction) => {
      await audit(transaction, { actor: null, action: 'test', target: 'nothing' })
      throw new Error('undone')
    })
    await expect(undone).rejects.toThrow('undone')
    expect(await own.sql("SELECT 1 FROM audit_log WHERE action = 'test'")).toEqual([])
  })
})
