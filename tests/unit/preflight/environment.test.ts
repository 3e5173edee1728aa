import { describe, expect, it } from 'vitest'
import { malformed, readExample } from '../../../scripts/preflight/checks/example.ts'
import { APP, EXAMPLE, findings, good } from './facts.fixture.ts'

const withApp = (app: Record<string, string>, declared = good.declared) =>
  findings({ files: { ...good.files, app }, declared })
const without = (name: string) => Object.fromEntries(Object.entries(APP).filter(([key]) => key !== name))

describe('the example', () => {
  it('is read with its comments, and a line that begins with # is optional', () => {
    expect(readExample(EXAMPLE).slice(0, 2)).toEqual([
      {
        name: 'DATABASE_URL',
        value: 'postgresql://app:ecomweb-development-only@ecomweb-postgres:5432/ecomweb',
        explained: 'The role that reads and writes rows.',
        optional: false,
      },
      { name: 'DATABASE_POOL', value: '5', explained: 'Connections of one process.', optional: true },
    ])
  })
  it.each([
    ['cache:6379', 'redis://r:6379'],
    ['http://r:6379', 'redis://r:6379'],
    ['postgresql://', 'postgresql://a:b@c:5432/d'],
    ['postgresql://a b@c/d', 'postgresql://a:b@c:5432/d'],
    ['tcp://t:7233', 't:7233'],
    ['t', 't:7233'],
    ['sixty', '60'],
    ['data', '/data'],
  ])('%s will not do for %s', (given, example) => expect(malformed(given, example)).toBeDefined())
  it.each([
    ['rediss://:secret@r:6380/1', 'redis://r:6379'],
    ['postgres://a:b@c/d?sslmode=require', 'postgresql://a:b@c:5432/d'],
    ['https://shop.example.com', 'http://localhost'],
    ['10.0.0.1:7233', 't:7233'],
    ['5', '60'],
    ['anything', 'info'],
  ])('%s will do for %s', (given, example) => expect(malformed(given, example)).toBeUndefined())
})

describe('environment', () => {
  it('stops at a missing address and says what it should be', () => {
    expect(withApp(without('TEMPORAL_ADDRESS'))).toEqual([
      {
        check: 'environment',
        level: 'stop',
        what: 'TEMPORAL_ADDRESS is missing in .env.api',
        why: 'the application needs it: Host and port, without a scheme.',
        next: 'add to .env.api, after the pattern of the example: TEMPORAL_ADDRESS=ecomweb-temporal:7233',
      },
    ])
  })
  it('takes an empty value for a missing one', () => {
    expect(withApp({ ...APP, REDIS_URL: '' })).toMatchObject([{ what: 'REDIS_URL is missing in .env.api' }])
  })
  it('warns where the application may have a default of its own, and is quiet where the image has', () => {
    expect(withApp(without('READY_MAX_ATTEMPTS'))).toMatchObject([{ level: 'warn' }])
    expect(withApp(without('READY_MAX_ATTEMPTS'), { ...good.declared, READY_MAX_ATTEMPTS: '60' })).toEqual([])
  })
  it('stops at a malformed value without showing it', () => {
    const found = withApp({ ...APP, DATABASE_URL: 'postgres//app:hunter2@db/shop' })
    expect(found).toMatchObject([
      { level: 'stop', what: 'DATABASE_URL in .env.api is not valid: it should be a URL, postgresql://…' },
    ])
    expect(JSON.stringify(found)).not.toContain('hunter2')
  })
  it('knows what ENVIRONMENT may be', () => {
    expect(withApp({ ...APP, ENVIRONMENT: 'prod' })).toMatchObject([
      { what: 'ENVIRONMENT in .env.api is not valid: it should be staging or production' },
    ])
  })
  it('warns of the passwords of the example, but only in production', () => {
    const files = {
      ...good.files,
      env: {},
      app: {
        ...APP,
        DATABASE_URL: 'postgresql://app:ecomweb-development-only@ecomweb-postgres:5432/ecomweb',
      },
    }
    expect(findings({ files })).toMatchObject([
      {
        level: 'warn',
        what: 'POSTGRES_PASSWORD, OWNER_DB_PASSWORD, APP_DB_PASSWORD, TEMPORAL_DB_PASSWORD, DATABASE_URL hold the password of the example',
      },
    ])
    expect(findings({ files: { ...files, env: { POSTGRES_REPLICAS: '0' } } })).toMatchObject([
      { what: 'DATABASE_URL holds the password of the example' },
    ])
    expect(findings({ files: { ...files, app: { ...files.app, ENVIRONMENT: 'staging' } } })).toEqual([])
  })
})
