import { describe, expect, it } from 'vitest'
import { ensureImages, isUnreachable } from '../../../scripts/images/ensure.ts'
import { STANDINS } from '../../../scripts/images/table.ts'
import type { Progress } from '../../../scripts/output/progress.ts'
import { CommandFailed, type Runner } from '../../../scripts/run.ts'

const mirror = () => ({ uri: 'http://mirror.example/debian', signedBy: '/keys/archive.gpg' })
const UNREACHABLE = 'dial tcp: lookup registry on 10.0.0.1:53: no such host'

/** A host in memory: which images it has, what a pull answers, which builds fail. */
function host(options: { local?: string[]; pull?: (image: string) => string | undefined; fails?: string[] }) {
  const images = new Set(options.local)
  const done: string[] = []
  const runner: Runner = {
    dry: false,
    async run(command, { check = true } = {}) {
      const { file, args } = command
      const last = args.at(-1) ?? ''
      const failure = (stderr: string) => {
        const result = { code: 1, stdout: '', stderr }
        if (check) throw new CommandFailed(command, result)
        return result
      }
      const success = (stdout = '') => ({ code: 0, stdout, stderr: '' })
      if (file !== 'docker') return success()
      if (args[0] === 'image')
        return images.has(last) ? success(`sha256:${last}\n`) : failure('No such image')
      const tag = args[0] === 'build' ? (args[2] ?? '').replace('--tag=', '') : last
      done.push(`${args[0]} ${tag}`)
      const refused = args[0] === 'pull' ? options.pull?.(tag) : options.fails?.find((name) => name === tag)
      if (refused !== undefined) return failure(refused)
      images.add(tag)
      return success()
    },
  }
  const notes: string[] = []
  const progress: Progress = { step: (_, run) => run(() => {}), note: (text) => void notes.push(text) }
  const ensure = (...wanted: string[]) => ensureImages({ runner, progress, images: wanted, mirror })
  return { done, notes, ensure }
}

describe('ensuring images', () => {
  it('leaves what is there alone', async () => {
    const { done, notes, ensure } = host({ local: ['redis:8'] })
    expect(await ensure('redis:8')).toEqual([
      { reference: 'redis:8', use: 'redis:8', source: 'local', id: 'sha256:redis:8' },
    ])
    expect(done).toEqual([])
    expect(notes).toEqual(['already on this host: redis:8'])
  })

  it('pulls before it builds', async () => {
    const { done, ensure } = host({})
    expect(await ensure('redis:8')).toMatchObject([{ source: 'pulled' }])
    expect(done).toEqual(['pull redis:8'])
  })

  it('asks a silent registry only once, and builds what the stand-ins need first', async () => {
    const { done, ensure } = host({ pull: () => UNREACHABLE })
    await ensure('redis:8', 'postgres:17').catch(() => {})
    expect(done.filter((line) => line.startsWith('pull'))).toEqual(['pull redis:8'])
    expect(done[1]).toBe('import debian:trixie-slim')
    expect(done.filter((line) => line === 'import debian:trixie-slim')).toHaveLength(1)
    expect(done.slice(2)).toEqual(['build redis:8', 'build postgres:17'])
  })

  it('goes on asking a registry that only lacks one image', async () => {
    const { done, ensure } = host({
      pull: (image) => (image === 'redis:8' ? 'manifest unknown' : undefined),
    })
    expect(await ensure('redis:8', 'postgres:17')).toMatchObject([{ source: 'built' }, { source: 'pulled' }])
    expect(done).toEqual(['pull redis:8', 'pull debian:trixie-slim', 'build redis:8', 'pull postgres:17'])
  })

  it('uses the fallback of an image that cannot be built, and says so', async () => {
    const { notes, ensure } = host({
      local: ['debian:trixie-slim'],
      pull: () => UNREACHABLE,
      fails: ['haproxy:3.2'],
    })
    expect(await ensure('haproxy:3.2')).toMatchObject([
      { reference: 'haproxy:3.2', use: 'haproxy:3.0', source: 'built' },
    ])
    expect(notes.join()).toContain('haproxy:3.0 takes the place of haproxy:3.2')
  })

  it('names an image that cannot be had', async () => {
    const { ensure } = host({ pull: () => UNREACHABLE })
    await expect(ensure('nobody/nothing:1')).rejects.toThrow(/nobody\/nothing:1 .* no stand-in/)
  })
})

it.each([
  [UNREACHABLE, true],
  ['net/http: request canceled (Client.Timeout exceeded while awaiting headers)', true],
  ['x509: certificate signed by unknown authority', true],
  ['manifest for redis:99 not found: manifest unknown', false],
  ['pull access denied for a/b, repository does not exist', false],
  ['toomanyrequests: You have reached your pull rate limit', false],
])('%s: registry out of reach is %s', (reason, expected) => {
  expect(isUnreachable(reason)).toBe(expected)
})

it('every stand-in needs only images that have one', () => {
  for (const [reference, { needs }] of Object.entries(STANDINS)) {
    for (const need of needs) expect(STANDINS, `${reference} needs ${need}`).toHaveProperty([need])
  }
})
