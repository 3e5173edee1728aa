import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { EnvironmentError, readEnv, schema } from '../../../../apps/core/env.ts'

const enough = {
  DATABASE_URL: 'postgresql://app:hunter2@db:5432/shop',
  REDIS_URL: 'redis://cache:6379',
  TEMPORAL_ADDRESS: 'temporal:7233',
}

function complaint(source: Record<string, string>): string {
  try {
    readEnv(source)
  } catch (error) {
    if (error instanceof EnvironmentError) return error.message
    throw error
  }
  return ''
}

describe('the environment', () => {
  test('three variables are enough, and the rest has types and defaults', () => {
    const env = readEnv(enough)
    expect(env.PORT).toBe(3001)
    expect(env.DATABASE_POOL).toBe(5)
    expect(env.ENVIRONMENT).toBe('production')
    expect(env.MIGRATE_DATABASE_URL).toBeUndefined()
  })

  test('every missing variable is named together with what it should be', () => {
    const message = complaint({})
    expect(message).toContain('3 variables')
    expect(message).toContain('DATABASE_URL is missing: it should be the PostgreSQL URL')
    expect(message).toContain('REDIS_URL is missing: it should be a Redis URL, redis://host:6379')
    expect(message).toContain(
      'TEMPORAL_ADDRESS is missing: it should be host and port of Temporal without a scheme',
    )
  })

  test.each([
    ['PORT', 'eighty'],
    ['PORT', '70000'],
    ['DATABASE_POOL', '0'],
    ['ENVIRONMENT', 'prod'],
    ['LOG_LEVEL', 'loud'],
    ['TEMPORAL_ADDRESS', 'http://temporal:7233'],
    ['REDIS_URL', 'cache:6379'],
    ['DATABASE_URL', 'mysql://db/shop'],
    ['UPLOADS_DIR', 'uploads'],
  ])('%s=%s is refused by name', (name, value) => {
    expect(complaint({ ...enough, [name]: value })).toContain(`${name} is not valid: it should be`)
  })

  test('a value is never repeated, since it may be a secret', () => {
    const message = complaint({ ...enough, DATABASE_URL: 'postgres-with-a-typo://app:hunter2@db/shop' })
    expect(message).toContain('DATABASE_URL')
    expect(message).not.toContain('hunter2')
  })

  test('an empty variable counts as unset', () => {
    expect(readEnv({ ...enough, MIGRATE_DATABASE_URL: '', LOG_LEVEL: '' }).LOG_LEVEL).toBe('info')
    expect(complaint({ ...enough, REDIS_URL: '' })).toContain('REDIS_URL is missing')
  })
})

describe('the version of workers', () => {
  const read = (source: Record<string, string>) => readEnv({ ...enough, ...source })

  test('is absent by default', () => {
    expect(read({}).TEMPORAL_DEPLOYMENT_NAME).toBeUndefined()
    const named = { TEMPORAL_DEPLOYMENT_NAME: 'ecomweb', TEMPORAL_WORKER_BUILD_ID: '0123456789ab' }
    expect(read(named)).toMatchObject(named)
  })

  test('may be named without a build, as to a command in a container whose start-up script gave that to PM2 alone', () => {
    expect(complaint({ ...enough, TEMPORAL_DEPLOYMENT_NAME: 'ecomweb' })).toBe('')
  })

  test('may be given by an image alone, as to processes that are no workers', () => {
    expect(complaint({ ...enough, TEMPORAL_WORKER_BUILD_ID: 'abc' })).toBe('')
  })

  test.each(['a:b', 'a.b', '__a', 'a b'])('is not %j, which Temporal refuses', (name) => {
    const source = { ...enough, TEMPORAL_DEPLOYMENT_NAME: name, TEMPORAL_WORKER_BUILD_ID: name }
    expect(complaint(source)).toContain('TEMPORAL_DEPLOYMENT_NAME is not valid')
  })

  test('takes over unless that is switched off', () => {
    expect(read({}).WORKER_TAKES_OVER).toBe(true)
    expect(read({ WORKER_TAKES_OVER: 'false' }).WORKER_TAKES_OVER).toBe(false)
    expect(complaint({ ...enough, WORKER_TAKES_OVER: 'no' })).toContain('WORKER_TAKES_OVER is not valid')
  })
})

describe('the variables of the data feed', () => {
  const key = 'a key of the data feed'
  const hash = createHash('sha256').update(key).digest('hex')
  const source = {
    FEED_SOURCE_URL: 'https://db.example.com/phpmyadmin/',
    FEED_SOURCE_USER: 'reader',
    FEED_SOURCE_PASSWORD: 'hunter2',
  }

  test('may name no source at all, or a whole one', () => {
    expect(complaint({ ...enough, FEED_SYNC: 'worker' })).toBe('')
    expect(complaint({ ...enough, ...source })).toBe('')
  })

  test.each(Object.keys(source))('%s alone is refused, and the others are named', (name) => {
    const message = complaint({ ...enough, [name]: source[name as keyof typeof source] })
    expect(message).toContain('2 variables')
    for (const other of Object.keys(source).filter((other) => other !== name))
      expect(message).toContain(`${other} is missing: a source needs it beside ${name}`)
    expect(message).not.toContain('hunter2')
  })

  test('with FEED_SYNC=cron need the key that cron calls with, and its hash', () => {
    const cron = { ...enough, FEED_SYNC: 'cron' }
    expect(complaint(cron)).toContain('FEED_API_KEY is missing: with FEED_SYNC=cron')
    const other = { ...cron, FEED_API_KEY: key, FEED_API_KEY_HASHES: hash.replace(/./g, '0') }
    expect(complaint(other)).toContain('FEED_API_KEY_HASHES is not valid')
    expect(complaint(other)).not.toContain(key)
    expect(complaint({ ...other, FEED_API_KEY_HASHES: `${'0'.repeat(64)},${hash}` })).toBe('')
  })
})

describe('.env.api.example', () => {
  const text = readFileSync(new URL('../../../../.env.api.example', import.meta.url), 'utf8')
  const explained = [...text.matchAll(/^#?([A-Z][A-Z0-9_]*)=/gm)].map((match) => String(match[1]))
  const known = Object.entries(schema.shape)

  test('explains every variable that an operator can set', () => {
    const settable = known.filter(([, type]) => !type.description?.includes('(set by')).map(([name]) => name)
    expect([...explained].sort()).toEqual(settable.sort())
  })

  test('is itself a valid environment', () => {
    const lines = [...text.matchAll(/^([A-Z][A-Z0-9_]*)=(.*)$/gm)]
    expect(() => readEnv(Object.fromEntries(lines.map(([, name, value]) => [name, value])))).not.toThrow()
  })
})
