import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { goDuration, parseComposition } from '../../../scripts/preflight/look/composition.ts'
import { parseVersions, readSpace } from '../../../scripts/preflight/look/engine.ts'
import { readExported, readModes, readSettingsFiles } from '../../../scripts/preflight/look/files.ts'
import { readCandidate, readImages } from '../../../scripts/preflight/look/images.ts'
import { lockedInodes } from '../../../scripts/preflight/look/lock.ts'
import { readProcesses } from '../../../scripts/preflight/look/processes.ts'
import { type Command, execRunner, type Runner } from '../../../scripts/run.ts'
import { SERVICES } from './facts.fixture.ts'

const folder = mkdtempSync(join(tmpdir(), 'ecomweb-'))
afterAll(() => rmSync(folder, { recursive: true }))

/** Answers commands by their arguments; everything else fails. */
const fake = (answers: Record<string, string>): Runner => ({
  dry: false,
  async run({ args }: Command) {
    const stdout = answers[args.join(' ')]
    return stdout === undefined
      ? { code: 1, stdout: '', stderr: 'Error: no such host' }
      : { code: 0, stdout, stderr: '' }
  },
})

describe('the engine', () => {
  it('is known by client and server', () => {
    const json = '{"Client":{"Version":"28.2.2"},"Server":{"Version":"28.5.2+dfsg4"}}'
    expect(parseVersions(json)).toEqual({ version: '28.5.2+dfsg4', client: '28.2.2' })
  })
  it.each(['', 'Cannot connect', '{"Client":{"Version":"28"},"Server":null}'])(
    'does not answer in %j',
    (text) => expect(parseVersions(text)).toBeUndefined(),
  )
  it('keeps its images on a file system with room', async () => {
    expect((await readSpace(folder)).free).toBeGreaterThan(0)
  })
})

describe('the composition', () => {
  it.each([
    ['45s', 45_000],
    ['1m30s', 90_000],
    ['1h0m0.5s', 3_600_500],
    ['soon', undefined],
    ['', undefined],
  ])('%s is %s ms', (text, ms) => expect(goDuration(text)).toBe(ms))

  it('is parsed with the defaults of Compose', () => {
    const services = {
      a: {
        image: 'x',
        deploy: { replicas: 0, resources: { limits: { memory: '1024' } } },
        stop_grace_period: '1m0s',
        environment: { A: '1', B: null },
      },
      b: { image: 'y', build: {} },
    }
    expect(parseComposition(JSON.stringify({ services }))).toEqual([
      {
        name: 'a',
        image: 'x',
        builds: false,
        replicas: 0,
        memoryLimit: 1024,
        stopGraceMs: 60_000,
        environment: { A: '1', B: '' },
      },
      {
        name: 'b',
        image: 'y',
        builds: true,
        replicas: 1,
        memoryLimit: 0,
        stopGraceMs: 10_000,
        environment: {},
      },
    ])
  })
})

describe('images', () => {
  const here = JSON.stringify([{ Id: 'sha256:1', Created: '', Size: 5, Config: {} }])
  it('are here, in a registry, or nowhere', async () => {
    const runner = fake({ 'image inspect live': here, 'manifest inspect shop:2': '{}' })
    expect(await readCandidate(runner, 'live', undefined)).toMatchObject({
      whereabouts: { where: 'here' },
      asked: false,
    })
    expect(await readCandidate(runner, 'live', 'shop:2')).toEqual({
      whereabouts: { reference: 'shop:2', where: 'registry' },
      image: undefined,
      size: 5,
      asked: true,
    })
    expect((await readCandidate(runner, 'live', 'shop:3')).whereabouts).toMatchObject({
      where: 'nowhere',
      why: 'Error: no such host',
    })
  })
  it('that Compose builds, or that nothing runs, are not looked for', async () => {
    const service = (image: string, given: object = {}) => ({
      ...SERVICES[0],
      name: image,
      image,
      builds: false,
      replicas: 1,
      ...given,
    })
    const services = [
      service('own', { builds: true }),
      service('own'),
      service('idle', { replicas: 0 }),
      service('redis:8'),
    ]
    const found = await readImages(fake({}), services as typeof SERVICES, 'live')
    expect(found.map(({ reference }) => reference)).toEqual(['redis:8'])
  })
})

describe('settings files', () => {
  it('without .env.api there is no stack', () => {
    expect(() => readSettingsFiles(folder)).toThrow('.env.api is missing')
  })
  it('have modes', () => {
    writeFileSync(join(folder, '.env'), '', { mode: 0o644 })
    expect(readModes(folder)).toEqual([{ file: '.env', mode: 0o644 }])
  })
  it('lose against a shell that says otherwise', () => {
    expect(readExported({ HTTP_PORT: '80' }, { HTTP_PORT: '80' })).toEqual([])
    expect(readExported({ HTTP_PORT: '80' }, { HTTP_PORT: '8080', HOME: '/' })).toEqual(['HTTP_PORT'])
    expect(readExported({}, { HTTP_PORT: '8080' })).toEqual(['HTTP_PORT'])
  })
})

it('locks are known by their inode', () => {
  const text = [
    '1: FLOCK  ADVISORY  WRITE 17621 fe:00:827966 0 EOF',
    '2: POSIX  ADVISORY  READ 5 fe:00:11 128 128',
    '2: -> FLOCK  ADVISORY  WRITE 9 fe:00:827966 0 EOF',
  ].join('\n')
  expect(lockedInodes(text)).toEqual([827966])
})

describe('ecosystem files', () => {
  const own = SERVICES.filter(({ environment }) => environment.ECOMWEB_ROLE)
  it('are loaded with the environment of their containers', async () => {
    const services = own.map((one) => ({
      ...one,
      environment: { ...one.environment, WEB_CONCURRENCY: '3', MEMORY_LIMIT_MB: '512' },
    }))
    const found = await readProcesses(execRunner(), resolve('.'), services, { WORKER_CONCURRENCY: '4' })
    expect(found).toEqual([
      { service: 'ecomweb_api_blue', apps: [{ instances: 3 }], killTimeoutMs: 40_000 },
      { service: 'ecomweb_api_green', apps: [{ instances: 3 }], killTimeoutMs: 40_000 },
      { service: 'ecomweb_cron', apps: [{ instances: 1 }], killTimeoutMs: 40_000 },
      { service: 'ecomweb_worker', apps: [{ instances: 4 }], killTimeoutMs: 40_000 },
      { service: 'ecomweb_worker_previous', apps: [{ instances: 4 }], killTimeoutMs: 40_000 },
    ])
  })
  it('have a reports backend beside the API, with a pool of its own, where the image names one', async () => {
    const found = await readProcesses(execRunner(), resolve('.'), own, { REPORTS_ENTRY: 'reports.ts' })
    const [blue, green, ...background] = found.map(({ apps }) => apps)
    expect([blue, green]).toEqual([
      [{ instances: 2 }, { instances: 1, pool: 2 }],
      [{ instances: 2 }, { instances: 1, pool: 2 }],
    ])
    expect(background.every((apps) => apps.length === 1)).toBe(true)
  })
  it('that cannot be loaded are named', async () => {
    await expect(readProcesses(execRunner(), folder, own, {})).rejects.toMatchObject({
      message: 'an ecosystem file in volumes/backend-api cannot be loaded',
      why: expect.stringMatching(/Cannot find module.*ecosystem\.api\.config\.js/),
    })
  })
})
