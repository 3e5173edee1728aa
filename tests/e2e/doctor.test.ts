import { chmodSync, existsSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Finding, Outcome } from '../../scripts/preflight/check.ts'
import type { Point } from '../../scripts/verify/point.ts'
import { restore } from './harness/colours.ts'
import { stack } from './harness/current.ts'
import { buildImage, type Defect } from './harness/images.ts'
import { freePorts } from './harness/ports.ts'

type Doctor = { code: number; findings: Finding[]; checks: Outcome[]; ok: boolean }

async function doctor(args: string[] = [], env: Record<string, string> = {}): Promise<Doctor> {
  const { code, stdout } = await stack.ecomweb(['doctor', ...args, '--json'], { check: false, env })
  const { ok, checks } = JSON.parse(stdout) as Omit<Doctor, 'code' | 'findings'>
  return { code, ok, checks, findings: checks.flatMap(({ findings }) => findings) }
}

/** Changes a file of the stack, in place and with its mode, and changes it back afterwards. */
async function edited<T>(path: string, change: (text: string) => string, look: () => Promise<T>): Promise<T> {
  const file = stack.file(path)
  const before = existsSync(file) ? readFileSync(file, 'utf8') : undefined
  const after = change(before ?? '')
  expect(after).not.toBe(before)
  writeFileSync(file, after, { mode: 0o600 })
  try {
    return await look()
  } finally {
    if (before === undefined) rmSync(file)
    else writeFileSync(file, before)
  }
}

beforeAll(() => restore(stack))

describe('a good stack', () => {
  it('has nothing in the way of a deploy, and every check says what it saw', async () => {
    const { code, ok, findings, checks } = await doctor()
    expect(findings).toEqual([])
    expect([code, ok]).toEqual([0, true])
    expect(checks.filter(({ seen, skipped }) => seen === '' || skipped)).toEqual([])
  })

  it('is shown to people with a line for each check', async () => {
    const { stdout } = await stack.ecomweb(['doctor'])
    expect(stdout.match(/^ {2}✓ /gm)?.length).toBeGreaterThanOrEqual(17)
    expect(stdout).toMatch(/nothing stands in the way of a deploy/)
  })

  it('is looked at without being changed', async () => {
    const ids = async () => (await stack.compose(['ps', '--all', '--quiet'])).stdout
    const before = await ids()
    await doctor()
    expect(await ids()).toBe(before)
  })
})

describe('what is broken for real', () => {
  it.each<[string, string, (text: string) => string, string, RegExp]>([
    [
      'a malformed value',
      '.env.api',
      set('REDIS_URL', 'ecomweb-redis:6379'),
      'environment',
      /REDIS_URL in .env.api is not valid.*redis:\/\//,
    ],
    [
      'a missing variable',
      '.env.api',
      unset('TEMPORAL_ADDRESS'),
      'environment',
      /TEMPORAL_ADDRESS is missing/,
    ],
    [
      'a bad line in haproxy.cfg',
      'haproxy/haproxy.cfg',
      (text) => `${text}\n  no-such-keyword 1\n`,
      'haproxy',
      /does not accept/,
    ],
    [
      'an unknown x-ecomweb key',
      'docker-compose.yml',
      (text) => text.replace('x-ecomweb:\n', 'x-ecomweb:\n  sok: 30s\n'),
      'settings',
      /x-ecomweb.* is not valid/,
    ],
    [
      'a Compose file that is none',
      'docker-compose.yml',
      (text) => text.replace('read_only: true', 'read_onyl: true'),
      'compose',
      /docker-compose.yml is not valid/,
    ],
    [
      'a grace period too short',
      'docker-compose.yml',
      (text) => text.replace('stop_grace_period: 45s', 'stop_grace_period: 30s'),
      'time-limits',
      /PM2 kill_timeout \(35000 ms\) must be shorter than stop_grace_period/,
    ],
    [
      'a time-out of HAProxy too long',
      'haproxy/haproxy.cfg',
      (text) => text.replace('timeout server 75s', 'timeout server 90s'),
      'time-limits',
      /timeout server of HAProxy \(90000 ms\)/,
    ],
    [
      'an ecosystem file that cannot be loaded',
      'volumes/backend-api/ecosystem.cron.config.js',
      (text) => `${text}\n}`,
      'time-limits',
      /ecosystem file/,
    ],
    [
      'pools too large for PostgreSQL',
      '.env.api',
      set('DATABASE_POOL', '60'),
      'connections',
      /may open \d+ connections/,
    ],
    [
      'an image of .env that is nowhere',
      '.env',
      set('REDIS_IMAGE', 'nowhere.invalid/redis:8'),
      'image',
      /nowhere.invalid\/redis:8 is neither/,
    ],
    [
      'a port of .env that cannot be',
      '.env',
      set('STATS_PORT', 'eighty'),
      'settings',
      /.env holds a value that cannot be used/,
    ],
    [
      'a command that was cut off',
      '.ecomweb/journal.jsonl',
      (text) => `${text}${journal('begin', '2001-01-01')}`,
      'unfinished',
      /deploy 1 was begun 2001/,
    ],
    [
      'a clock behind the journal',
      '.ecomweb/journal.jsonl',
      (text) => `${text}${journal('end', '2999-01-01')}`,
      'clock',
      /behind its own journal/,
    ],
  ])('%s is found', async (_, path, change, check, what) => {
    const { code, findings } = await edited(path, change, () => doctor())
    expect(code).toBe(1)
    expect(findings).toContainEqual(
      expect.objectContaining({ check, level: 'stop', what: expect.stringMatching(what) }),
    )
    for (const { why, next } of findings) expect([why, next].every((text) => text.length > 10)).toBe(true)
  })

  it('a file of passwords that others can read is found', async () => {
    chmodSync(stack.file('.env'), 0o644)
    const { code, findings } = await doctor()
    chmodSync(stack.file('.env'), 0o600)
    expect(code).toBe(1)
    expect(findings).toMatchObject([{ check: 'modes', what: '.env has mode 0644', next: 'chmod 600 .env' }])
  })

  it('more memory than there is only warns', async () => {
    const { code, findings } = await edited('.env', set('API_MEMORY', '900G'), () => doctor())
    expect(code).toBe(0)
    expect(findings).toMatchObject([{ check: 'memory', level: 'warn' }])
  })

  it('an edited map is found, with the command that repairs it', async () => {
    const live = await stack.active()
    const { mode } = statSync(stack.file('haproxy/state/routes.map'))
    const { code, findings } = await edited(
      'haproxy/state/routes.map',
      (text) => text.replace(/^active \w+/m, `active ${live === 'blue' ? 'green' : 'blue'}`),
      () => doctor(),
    )
    expect(statSync(stack.file('haproxy/state/routes.map')).mode).toBe(mode)
    expect(code).toBe(1)
    expect(findings).toContainEqual(
      expect.objectContaining({ check: 'drift', next: `./ecomweb switch ${live}` }),
    )
  })

  it('a held lock is found, without being taken from anybody', async () => {
    const hold =
      'exec 9>>.ecomweb/lock; flock 9; echo "  command: ecomweb deploy" >.ecomweb/lock.owner; ./ecomweb doctor --json 9>&-'
    const { code, stdout } = await stack.shell(hold, { check: false })
    const { checks } = JSON.parse(stdout) as Doctor
    expect(code).toBe(1)
    expect(checks.find(({ check }) => check === 'lock')?.findings).toMatchObject([
      { level: 'stop', why: expect.stringMatching(/command: ecomweb deploy/) },
    ])
  })

  it('a port that another program holds is found', async () => {
    const [port = 0] = await freePorts(1)
    const other = createServer().listen(port, '127.0.0.1')
    const { code, findings } = await edited('.env', set('STATS_PORT', String(port)), () => doctor())
    other.close()
    expect(code).toBe(1)
    expect(findings).toContainEqual(
      expect.objectContaining({ check: 'ports', what: `port ${port} is in use by another program` }),
    )
  })

  it('an image that is nowhere is found before anything is stopped', async () => {
    const { code, findings, checks } = await doctor(['nowhere.invalid/shop:9'])
    expect(code).toBe(1)
    expect(findings).toMatchObject([{ check: 'image', level: 'stop' }])
    expect(checks.find(({ check }) => check === 'contract')?.skipped).toBe(true)
  })

  it('an image that breaks the contract is found', async () => {
    const { code, findings } = await doctor([await buildImage(stack, 'no-contract')])
    expect(code).toBe(1)
    expect(findings).toMatchObject([{ check: 'contract', why: 'no READY_COMMAND' }, { check: 'contract' }])
  })

  it('a variable of the shell that would win inside Compose is found', async () => {
    const { findings } = await doctor([], { BACKGROUND_IMAGE: 'shop:0' })
    expect(findings).toContainEqual(
      expect.objectContaining({ check: 'settings', next: 'unset BACKGROUND_IMAGE' }),
    )
  })

  it('an engine that does not answer is one finding, and what needs it is not looked at', async () => {
    const { code, findings, checks } = await doctor([], { DOCKER_HOST: 'unix:///nonexistent.sock' })
    expect(code).toBe(1)
    expect(findings).toMatchObject([{ check: 'engine', level: 'stop', next: './ecomweb up' }])
    expect(checks.filter(({ skipped }) => skipped).length).toBeGreaterThan(5)
  })
})

describe('verify', () => {
  let usual: string | undefined
  beforeAll(() => {
    usual = stack.editKitSetting('ready_timeout', '8s')
  })
  afterAll(() => {
    if (usual !== undefined) stack.editKitSetting('ready_timeout', usual)
  })

  async function verify(image: string, ...flags: string[]) {
    const args = ['verify', image, '--json', ...flags]
    const { code, stdout, stderr } = await stack.ecomweb(args, { check: false })
    if (!stdout) throw new Error(stderr)
    const { points } = JSON.parse(stdout) as { points: Point[] }
    const of = (verdict: Point['verdict']) => points.filter((point) => point.verdict === verdict)
    return { code, points, failed: of('failed'), unknown: of('unknown') }
  }
  const leftovers = async () =>
    (await stack.docker(['ps', '-a', '--filter', `name=${stack.info.name}_verify`, '--format', '{{.Names}}']))
      .stdout

  it('finds every point kept by the shipped image, for no user to notice', async () => {
    const before = (await stack.compose(['ps', '--quiet'])).stdout
    const { code, points } = await verify(`${stack.info.name}:shipped`)
    expect(points.filter(({ verdict }) => verdict !== 'ok')).toEqual([])
    expect(code).toBe(0)
    expect(points.map(({ id }) => id)).toEqual(
      expect.arrayContaining([
        'variables',
        'user',
        'drain-streams',
        'migrations',
        'health',
        'ready',
        'ready-command',
        'drain',
      ]),
    )
    expect((await stack.compose(['ps', '--quiet'])).stdout).toBe(before)
    expect(await leftovers()).toBe('')
  })

  it('only looks inside with --static', async () => {
    const { code, points } = await verify(`${stack.info.name}:shipped`, '--static')
    expect(code).toBe(0)
    expect(points.map(({ id }) => id)).not.toContain('health')
  })

  it.each<[Defect, string, RegExp]>([
    ['no-contract', 'variables', /no READY_COMMAND/],
    ['crash', 'health', /crash at start, on purpose/],
    ['wrong-port', 'health', /not within 8.0 s/],
    ['never-ready', 'ready', /never ready, on purpose/],
  ])('says what %s lacks', async (defect, id, detail) => {
    const { code, failed } = await verify(await buildImage(stack, defect))
    expect(code).toBe(1)
    expect(failed[0]).toMatchObject({ id, detail: expect.stringMatching(detail) })
    expect(await leftovers()).toBe('')
  })

  it('never migrates: an image with migrations of its own cannot be judged ready', async () => {
    const { code, unknown } = await verify(await buildImage(stack, 'failing-migration'))
    expect(code).toBe(0)
    expect(unknown).toMatchObject([{ id: 'ready', detail: expect.stringMatching(/not applied yet/) }])
    expect(await stack.sql(`SELECT count(*) FROM _prisma_migrations WHERE finished_at IS NULL;`)).toBe('0')
  })

  it('says that an image without bash has none', async () => {
    const { code, failed } = await verify(stack.setting('TEMPORAL_IMAGE') ?? 'temporalio/server:1.31.2')
    expect(code).toBe(1)
    expect(failed.map(({ id }) => id)).toEqual(expect.arrayContaining(['variables']))
  })

  it('cleans up after Ctrl-C', async () => {
    const image = await buildImage(stack, 'never-ready')
    const name = `${stack.info.name}_verify`
    const line = [
      'set -m',
      `./ecomweb verify ${image} & pid=$!`,
      `until [ "$(docker ps -q --filter name=${name}_$pid)" ]; do sleep 0.2; done; sleep 1`,
      'kill -INT $pid; wait $pid',
    ].join('\n')
    const { code } = await stack.shell(line, { check: false, timeoutMs: 60_000 })
    expect(code).toBe(130)
    expect(await leftovers()).toBe('')
  })
})

function set(name: string, value: string): (text: string) => string {
  return (text) => `${text.trimEnd()}\n${name}=${value}\n`
}
function unset(name: string): (text: string) => string {
  return (text) => text.replace(new RegExp(`^${name}=.*\n`, 'm'), '')
}
function journal(event: string, day: string): string {
  return `${JSON.stringify({ at: `${day}T00:00:00.000Z`, id: '1', command: 'deploy', event })}\n`
}
