import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { Context } from '../../../../scripts/context.ts'
import { realDisk } from '../../../../scripts/files/disk.ts'
import { execRunner } from '../../../../scripts/run.ts'
import { ALLOWED, isAllowed } from '../../../../scripts/scan/allowed.ts'
import { secretValues } from '../../../../scripts/scan/env-values.ts'
import { formatSecrets } from '../../../../scripts/scan/report.ts'
import { scanSecrets } from '../../../../scripts/scan/secrets.ts'

const TOKEN = `ghp_${'aB3dE6gH9jK2mN5pQ8sT1vW4yZ7bC0fG'.repeat(2).slice(0, 36)}`

let root: string
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'ecomweb-scan-'))
})
afterEach(() => rmSync(root, { recursive: true }))

const git = (...args: string[]) =>
  execFileSync('git', ['-c', 'user.name=a', '-c', 'user.email=a@example.com', ...args], {
    cwd: root,
    encoding: 'utf8',
    env: { PATH: process.env.PATH, HOME: root, GIT_CONFIG_NOSYSTEM: '1' },
  })

function put(path: string, content: string): void {
  mkdirSync(join(root, path, '..'), { recursive: true })
  writeFileSync(join(root, path), content)
}

const commit = (message: string) => {
  git('add', '-A')
  git('commit', '-qm', message, '--allow-empty')
  return git('rev-parse', '--short', 'HEAD').trim()
}

async function scan() {
  const runner = execRunner()
  const read = {
    dry: false,
    run: (...[command, options]: Parameters<typeof runner.run>) =>
      runner.run({ ...command, cwd: root }, options),
  }
  const step = <T>(_: string, run: (detail: () => void) => Promise<T>) => run(() => {})
  const context = { root, world: { read, disk: realDisk(root) }, progress: { step, note: () => {} } }
  return scanSecrets(context as unknown as Context, 'build/web')
}

describe('a secret', () => {
  it('is found in the history after it was taken out, with the commit that brought it', async () => {
    git('init', '-q')
    put('app.ts', 'nothing\n')
    commit('first')
    put('app.ts', `nothing\nconst x = '${TOKEN}'\n`)
    const culprit = commit('second')
    put('app.ts', `more\nconst x = '${TOKEN}'\n`)
    commit('third')
    put('app.ts', 'nothing\n')
    commit('fourth')
    const { leaks } = await scan()
    expect(leaks).toEqual([
      {
        place: 'history',
        path: 'app.ts',
        line: 2,
        rule: 'github',
        title: 'GitHub token',
        shown: 'ghp_… (40 characters)',
        commit: culprit,
      },
    ])
  })

  it('is found on other branches, in merges, in tags and in messages', async () => {
    git('init', '-q', '-b', 'main')
    commit('first')
    git('switch', '-qc', 'other')
    put('other branch.txt', TOKEN)
    commit('on another branch')
    git('switch', '-q', 'main')
    commit(`by mistake: ${TOKEN}`)
    git('tag', '-a', 'v1', '-m', `also ${TOKEN}`)
    const { leaks } = await scan()
    expect(leaks.map(({ path }) => path).sort()).toEqual(['message of a commit or tag', 'other branch.txt'])
  })

  it('is found before it is committed, but not in what git ignores', async () => {
    git('init', '-q')
    put('.gitignore', '.env\n')
    put('.env', `TOKEN=${TOKEN}`)
    put('notes/new.txt', `a\nb\n${TOKEN}`)
    const { leaks } = await scan()
    expect(leaks.map(({ rule }) => rule)).toEqual(['env-value', 'github'])
    for (const leak of leaks)
      expect(leak).toMatchObject({ place: 'working tree', path: 'notes/new.txt', line: 3 })
  })

  it('is found in the bundle, source maps included, also if only the environment knows it', async () => {
    git('init', '-q')
    put('.gitignore', '.env*\nbuild\n')
    put(
      '.env.api',
      'JWT_SECRET=words only, and nobody would guess\nDATABASE_URL=postgresql://a:of-this-stack@db/x\n',
    )
    put('build/web/assets/main.js', 'a("words only, and nobody would guess")')
    put(
      'build/web/assets/main.js.map',
      JSON.stringify({ sourcesContent: [`x = "${TOKEN}"`, 'of-this-stack'] }),
    )
    put('build/web/index.html', '<p>')
    const { leaks, leftOut } = await scan()
    expect(leaks.map(({ place, path, title }) => [place, path, title])).toEqual(
      expect.arrayContaining([
        ['bundle', 'build/web/assets/main.js.map', 'GitHub token'],
        ['bundle', 'build/web/assets/main.js.map', 'the value of DATABASE_URL'],
      ]),
    )
    // A comma separates the secrets of a list: each part of it is one.
    expect(leaks.filter(({ title }) => title === 'the value of JWT_SECRET')).toHaveLength(2)
    expect(leftOut).toEqual([])
  })

  it('is never shown', async () => {
    git('init', '-q')
    put('a.txt', TOKEN)
    const report = await scan()
    expect(JSON.stringify(report) + formatSecrets(report)).not.toContain(TOKEN.slice(0, 12))
    expect(formatSecrets(report)).toContain('a.txt:1  GitHub token')
  })
})

describe('what is not there', () => {
  it('is said, and is no leak', async () => {
    const { leaks, leftOut } = await scan()
    expect(leaks).toEqual([])
    expect(leftOut).toHaveLength(2)
  })

  it('is an empty repository, binary files, and odd names', async () => {
    git('init', '-q')
    expect((await scan()).leaks).toEqual([])
    put('with "quotes" ünd blanks.bin', `\0${TOKEN}`)
    commit('binary')
    expect((await scan()).leaks).toEqual([])
  })
})

describe('the allow-list', () => {
  it('needs every part of an entry to fit', () => {
    const list = [{ rule: 'jwt', path: /^tests\//, secret: /^eyJ/, reason: 'a test' }]
    expect(isAllowed({ rule: 'jwt', secret: 'eyJx' }, 'tests/a.ts', list)).toBe(true)
    expect(isAllowed({ rule: 'jwt', secret: 'eyJx' }, 'apps/a.ts', list)).toBe(false)
    expect(isAllowed({ rule: 'jwt', secret: 'other' }, 'tests/a.ts', list)).toBe(false)
    expect(isAllowed({ rule: 'aws', secret: 'eyJx' }, 'tests/a.ts', list)).toBe(false)
  })

  it('has a reason for each entry, and none that lets random passwords pass', () => {
    for (const entry of ALLOWED) expect(entry.reason.length).toBeGreaterThan(20)
    const random = { rule: 'url-password', secret: 'aB3dE6gH9jK2' }
    expect(isAllowed(random, 'tests/a.ts')).toBe(false)
    expect(isAllowed({ rule: 'url-password', secret: 'hunter2' }, 'tests/a.ts')).toBe(true)
    expect(isAllowed({ rule: 'url-password', secret: 'hunter2' }, 'apps/api/a.ts')).toBe(false)
  })
})

describe('the secrets of an environment file', () => {
  it('are values of secret names and passwords in URLs, but no short ones and no settings', () => {
    const text =
      'PORT=3001000000\nJWT_SECRET=first-of-two,second-of-two\nA_TOKEN=short\nREDIS_URL=redis://:in-a-url@r\n'
    expect(secretValues(text)).toEqual([
      { name: 'JWT_SECRET', value: 'first-of-two' },
      { name: 'JWT_SECRET', value: 'second-of-two' },
      { name: 'REDIS_URL', value: 'in-a-url' },
    ])
  })
})
