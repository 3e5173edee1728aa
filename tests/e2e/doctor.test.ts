import { chmodSync, existsSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { beforeAll, describe, expect, it } from 'vitest'
import type { Finding, Outcome } from '../../scripts/preflight/check.ts'
import { BREAKAGES, set } from './harness/breakages.ts'
import { restore } from './harness/colours.ts'
import { stack } from './harness/current.ts'
import { buildImage } from './harness/images.ts'
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
  it.each(BREAKAGES)('$title is found', async ({ path, change, check, what }) => {
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
    expect(findings).toMatchObject([{ check: 'contract', why: 'no READY_COMMAND' }])
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
