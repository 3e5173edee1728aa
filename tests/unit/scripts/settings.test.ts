import { describe, expect, it } from 'vitest'
import type { KitError } from '../../../scripts/errors.ts'
import { parseDuration } from '../../../scripts/settings/duration.ts'
import { parseEnvFile } from '../../../scripts/settings/env-file.ts'
import { newAppEnv, newPasswords, newStackEnv } from '../../../scripts/settings/generate.ts'
import { parseKitSettings } from '../../../scripts/settings/kit-settings.ts'
import { profileLimits } from '../../../scripts/settings/profiles.ts'
import { isSecretName, keepSecret, redact, redactedJson } from '../../../scripts/settings/secrets.ts'
import { parseStackEnv } from '../../../scripts/settings/stack-env.ts'
import { embeddedReplicas, takeGiven } from '../../../scripts/up/files.ts'

const failure = (act: () => unknown): KitError => {
  try {
    act()
  } catch (error) {
    return error as KitError
  }
  throw new Error('it did not fail')
}

describe('settings under x-ecomweb', () => {
  it('have defaults', () => expect(parseKitSettings('services: {}').drain_window).toBe(2000))
  it('are milliseconds', () =>
    expect(parseKitSettings('x-ecomweb: { drain_window: 1m }').drain_window).toBe(60_000))
  it('refuse an unknown key and name the known ones', () => {
    const error = failure(() => parseKitSettings('x-ecomweb: { drian_window: 5s }'))
    expect(error.why).toContain('drian_window')
    expect(error.why).toContain('drain_window')
  })
  it('of the replay are limits', () => {
    const { replay } = parseKitSettings('x-ecomweb: { replay: { per_type: 5, limit: 1m } }')
    expect(replay).toMatchObject({ per_type: 5, limit: 60_000, closed_within: 86_400_000 })
    const mistyped = failure(() => parseKitSettings('x-ecomweb: { replay: { per_typ: 5 } }'))
    expect(mistyped.why).toContain('did you mean per_type?')
  })
  it('refuse a malformed duration with its name', () => {
    expect(failure(() => parseKitSettings('x-ecomweb: { drain_window: soon }')).why).toContain(
      'drain_window must be a duration',
    )
  })
  it.each([
    ['{ mn: 1 }', 'unknown: autoscale.mn; did you mean min?'],
    ['{ min: 0 }', 'autoscale.min must be 1 to 100'],
    ['{ min: 3, max: 2 }', 'autoscale.max must not be less than min'],
    ['{ target_wait: 0 }', 'autoscale.target_wait must not be 0'],
    ['{ interval: 10ms }', 'autoscale.interval must be at least 200ms'],
    ['{ queue: 7 }', 'autoscale.queue must be a name'],
  ])('refuse autoscale: %s', (text, why) =>
    expect(failure(() => parseKitSettings(`x-ecomweb: { autoscale: ${text} }`)).why).toBe(why),
  )
  it.each([
    ['500ms', 500],
    ['1.5s', 1500],
    ['2m', 120_000],
    ['1h', 3_600_000],
    ['5', undefined],
    ['5 s', undefined],
    ['', undefined],
  ])('parseDuration(%j) is %j', (text, ms) => expect(parseDuration(text)).toBe(ms))
})

describe('.env', () => {
  it('has the defaults of docker-compose.yml', () => {
    expect(parseStackEnv({})).toMatchObject({ ECOMWEB_NAME: 'ecomweb', HTTP_PORT: 80, STATS_PORT: 8404 })
  })
  it.each([
    ['HTTP_PORT', 'eighty'],
    ['HTTP_PORT', '70000'],
    ['WORKER_REPLICAS', '-1'],
    ['WORKER_REPLICAS', '1.5'],
    ['ECOMWEB_NAME', 'My Shop'],
    ['NOTIFY_SLACK_URL', 'hooks.slack.com/x'],
    ['NOTIFY_WEBHOOK_URL', 'file:///etc/passwd'],
  ])('refuses %s=%s by name', (name, value) => {
    expect(failure(() => parseStackEnv({ [name]: value })).why).toContain(name)
  })
})

describe('notifications in .env', () => {
  it('may be left out or empty', () => {
    expect(parseStackEnv({ NOTIFY_SLACK_URL: '' }).NOTIFY_WEBHOOK_URL).toBeUndefined()
  })
  it('need a secret to sign with', () => {
    const url = { NOTIFY_WEBHOOK_URL: 'https://example.com/hook' }
    expect(failure(() => parseStackEnv(url)).why).toContain('NOTIFY_WEBHOOK_SECRET must have at least 16')
    expect(failure(() => parseStackEnv({ ...url, NOTIFY_WEBHOOK_SECRET: 'short' })).why).toContain('16')
    expect(parseStackEnv({ ...url, NOTIFY_WEBHOOK_SECRET: 'x'.repeat(16) })).toMatchObject(url)
  })
})

describe('generated files', () => {
  const passwords = newPasswords()
  it('use the same passwords in .env and .env.api', () => {
    const stack = parseEnvFile(newStackEnv(passwords, { HTTP_PORT: '8080' }))
    const app = parseEnvFile(newAppEnv('DATABASE_URL=x\nMIGRATE_DATABASE_URL=y\n', passwords))
    expect(stack.HTTP_PORT).toBe('8080')
    expect(new URL(app.DATABASE_URL as string).password).toBe(stack.APP_DB_PASSWORD)
    expect(new URL(app.MIGRATE_DATABASE_URL as string).password).toBe(stack.OWNER_DB_PASSWORD)
  })
  it('have a password of its own for each role', () => expect(new Set(Object.values(passwords)).size).toBe(4))
})

describe('embedded servers', () => {
  const replicas = (host: string, temporal: string) =>
    embeddedReplicas({
      DATABASE_URL: `postgresql://a:b@${host}:5432/x`,
      TEMPORAL_ADDRESS: `${temporal}:7233`,
    })
  it('run by default', () => {
    expect(replicas('ecomweb-postgres', 'ecomweb-temporal')).toEqual({
      POSTGRES_REPLICAS: '1',
      TEMPORAL_REPLICAS: '1',
    })
  })
  it('give way to servers elsewhere', () => {
    expect(replicas('db.example.com', 't.example.com')).toEqual({
      POSTGRES_REPLICAS: '0',
      TEMPORAL_REPLICAS: '0',
    })
  })
  it('keep PostgreSQL for an embedded Temporal', () => {
    expect(replicas('db.example.com', 'ecomweb-temporal').POSTGRES_REPLICAS).toBe('1')
  })
  it('need a URL', () =>
    expect(failure(() => embeddedReplicas({ DATABASE_URL: 'x' })).message).toContain('DATABASE_URL'))
})

describe('profiles', () => {
  it('are capped at the cores of the host', () => {
    expect(profileLimits('production', { cores: 1, memory: 2e9 })).toMatchObject({
      API_CPUS: '1',
      WORKER_CPUS: '1',
      CRON_CPUS: '0.5',
    })
  })
  it('refuse an unknown name', () => expect(failure(() => profileLimits('huge')).message).toContain('huge'))
})

describe('variables exported in the shell', () => {
  it('are taken out, so that .env decides inside Compose', () => {
    const environment: NodeJS.ProcessEnv = { HTTP_PORT: '1234', PATH: '/bin' }
    expect(takeGiven(environment)).toEqual({ HTTP_PORT: '1234' })
    expect(environment).toEqual({ PATH: '/bin' })
  })
})

describe('redact', () => {
  it('hides remembered secrets', () => {
    keepSecret('correct-horse')
    expect(redact('it is correct-horse!')).toBe('it is [REDACTED]!')
  })
  it('hides the password of any URL', () => {
    expect(redact('postgresql://app:hunter2@db:5432/x')).toBe('postgresql://app:[REDACTED]@db:5432/x')
  })
  it('keeps JSON whole where a port and an at sign come together', () => {
    const value = { url: 'http://shop:80', by: 'root@host', database: 'postgresql://app:hunter2@db' }
    expect(JSON.parse(redactedJson(value))).toEqual({
      ...value,
      database: 'postgresql://app:[REDACTED]@db',
    })
  })
  it.each(['DB_PASSWORD', 'JWT_SECRET', 'API_TOKEN', 'SENTRY_DSN', 'NOTIFY_SLACK_URL'])(
    'takes %s for a secret',
    (name) => expect(isSecretName(name)).toBe(true),
  )
})
