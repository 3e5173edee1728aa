import { chmodSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { checkHooks, runHook } from '../../../../scripts/hooks/run.ts'
import { ENVIRONMENT, HOOKS, type HookFacts, type HookName } from '../../../../scripts/hooks/table.ts'
import { type Command, execRunner, type Runner, type RunOptions } from '../../../../scripts/run.ts'
import { keepSecret } from '../../../../scripts/settings/secrets.ts'
import { diskOf } from './disk.ts'

const facts: HookFacts = {
  release: '20261122-101500',
  command: 'deploy',
  image: `sha256:${'a'.repeat(64)}`,
  reference: 'shop:2.1.0',
  from: 'blue',
  to: 'green',
  url: 'http://127.0.0.1:80',
  token: 'preview-token',
  result: 'failed',
  reason: 'the first line\nthe second',
}

let folder: string
let runner: Runner

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'hooks-'))
  mkdirSync(join(folder, 'hooks'))
  const real = execRunner()
  const run = (command: Command, options?: RunOptions) => real.run({ ...command, cwd: folder }, options)
  runner = { dry: false, run }
})
afterEach(() => rmSync(folder, { recursive: true }))

const write = (name: string, script: string, mode = 0o755): void =>
  writeFileSync(join(folder, 'hooks', name), `#!/bin/sh\n${script}\n`, { mode })

/** Runs a hook of the temporary folder; the lines are what it showed. */
async function run(name: HookName, timeoutMs = 5000) {
  const lines: string[] = []
  const disk = diskOf({}, { hooks: readdirSync(join(folder, 'hooks')) })
  const outcome = runHook({ disk, runner }, name, facts, { hook_timeout: timeoutMs }, (line) => {
    lines.push(line)
  })
  return { ...(await outcome), lines }
}

describe('a hook', () => {
  it('that the project does not have is skipped', async () => {
    expect(await run('pre-deploy')).toEqual({ ran: false, lines: [] })
  })
  it('shows each of its lines, secrets replaced', async () => {
    keepSecret('hunter2-hunter2')
    write('pre-deploy', 'echo begins; echo the word is hunter2-hunter2 >&2')
    const { ran, lines } = await run('pre-deploy')
    expect(ran).toBe(true)
    expect(lines.toSorted()).toEqual(['begins', 'the word is [REDACTED]'])
  })
  it('is told what happens, and only smoke the preview token', async () => {
    const script = 'echo "$ECOMWEB_HOOK $ECOMWEB_FROM $ECOMWEB_TO $ECOMWEB_RELEASE <$ECOMWEB_PREVIEW_TOKEN>"'
    write('pre-switch', script)
    write('smoke', script)
    expect((await run('pre-switch')).lines).toEqual(['pre-switch blue green 20261122-101500 <>'])
    expect((await run('smoke')).lines).toEqual(['smoke blue green 20261122-101500 <preview-token>'])
  })
  it('is told the reason in one line', async () => {
    write('failure', 'echo "$ECOMWEB_RESULT: $ECOMWEB_REASON"')
    expect((await run('failure')).lines).toEqual(['failed: the first line'])
  })
  it('that fails stops the deploy with its last lines', async () => {
    write('pre-switch', 'echo not on a Friday; exit 3')
    await expect(run('pre-switch')).rejects.toMatchObject({
      message: 'hooks/pre-switch failed with exit code 3',
      why: 'not on a Friday',
    })
  })
  it('that comes after the decision only warns', async () => {
    write('post-deploy', 'echo nobody listens; exit 1')
    expect((await run('post-deploy')).warning).toBe(
      'hooks/post-deploy failed with exit code 1: nobody listens',
    )
  })
  it('that is not executable says how to mend it', async () => {
    write('smoke', 'exit 0', 0o644)
    await expect(run('smoke')).rejects.toMatchObject({ next: 'chmod +x hooks/smoke' })
  })
  it('that takes too long is ended with all that it started', async () => {
    write('post-migrate', `sleep 60 & echo $! >${join(folder, 'child')}; wait`)
    await expect(run('post-migrate', 200)).rejects.toThrow('did not end within 0.2 s')
    const child = readFileSync(join(folder, 'child'), 'utf8').trim()
    const left = await runner.run({ file: 'ps', args: ['-o', 'stat=', '-p', child] }, { check: false })
    expect(left.stdout.trim()).toMatch(/^(Z.*)?$/)
  })
})

describe('the check before a deploy', () => {
  it('names what cannot run and what never will', async () => {
    write('smoke', 'exit 0')
    write('pre-switch', 'exit 0')
    chmodSync(join(folder, 'hooks/pre-switch'), 0o644)
    const disk = diskOf({}, { hooks: ['smoke', 'pre-switch', 'pre-swtich', 'smoke.sample'] })
    expect((await checkHooks({ disk, read: runner })).map(({ what }) => what)).toEqual([
      'hooks/pre-switch is not executable',
      'hooks/pre-swtich never runs',
    ])
  })
})

describe('every sample', () => {
  const samples = readdirSync('hooks').filter((name) => name.endsWith('.sample'))
  it.each(samples)('%s is a hook and uses only documented variables', async (name) => {
    const text = readFileSync(join('hooks', name), 'utf8')
    const used = [...text.matchAll(/\bECOMWEB_\w+/g)].map(([variable]) => variable)
    expect(Object.keys(HOOKS)).toContain(name.replace('.sample', ''))
    expect(Object.keys(ENVIRONMENT)).toEqual(expect.arrayContaining(used))
    await execRunner().run({ file: 'sh', args: ['-n', join('hooks', name)] })
  })
})
