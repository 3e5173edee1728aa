import { describe, expect, it } from 'vitest'
import { releaseTag } from '../../../../scripts/docker/application-image.ts'
import { diskUsed, retain } from '../../../../scripts/releases/retain.ts'
import { type Command, CommandFailed, type Result } from '../../../../scripts/run.ts'
import { deployed, imageId, lines } from '../history/journal.ts'
import { diskOf } from '../hooks/disk.ts'

const journal = ['1', '2', '3', '4', '5'].flatMap((digit, at) =>
  deployed(`d${digit}`, digit, at % 2 ? 'green' : 'blue'),
)
const tag = (digit: string) => releaseTag('shop', imageId(digit))
const ENV = [
  `API_BLUE_IMAGE=${imageId('5')}`,
  `API_GREEN_IMAGE=${imageId('4')}`,
  'BACKGROUND_IMAGE=shop:latest',
].join('\n')

type Options = { images?: string[]; fullness?: number[]; refuse?: string; noEngine?: boolean }

/** An engine with these releases; each look at its disk finds the next fullness, the last for ever. */
function engine({ images = ['1', '2', '3', '4', '5'], fullness = [50], refuse, noEngine }: Options = {}) {
  const removed: string[] = []
  const answers: [RegExp, () => string][] = [
    [/^image ls ecomweb\/release /, () => images.map(tag).join('\n')],
    [/^image inspect shop:latest /, () => `${imageId('5')}\n`],
    [/^image inspect shop:1 /, () => `${imageId('1')}\n`],
    [/^image inspect shop:2 /, () => `${imageId('9')}\n`],
    [/^info /, () => '/var/lib/docker\n'],
    [/^ps /, () => ''],
    [/^image rm /, () => ''],
  ]
  const run = async (command: Command): Promise<Result> => {
    const line = command.args.join(' ')
    if (noEngine && line.startsWith('ps ')) {
      throw new CommandFailed(command, { code: 1, stdout: '', stderr: 'no engine' })
    }
    const answer = answers.find(([pattern]) => pattern.test(line))?.[1]
    if (!answer) throw new Error(`nobody expected docker ${line}`)
    if (line.startsWith('image rm ')) {
      const name = command.args[2] ?? ''
      if (name === refuse) return { code: 1, stdout: '', stderr: 'conflict: in use\nmore' }
      removed.push(name)
    }
    return { code: 0, stdout: answer(), stderr: '' }
  }
  const runner = { dry: false, run }
  const disk = diskOf({ '.env': ENV }, { '.ecomweb/releases': images.map((digit) => `d${digit}`) })
  let looks = 0
  const statfs = async () => {
    const used = fullness[Math.min(looks++, fullness.length - 1)] ?? 0
    return { blocks: 110, bfree: 110 - used, bavail: 100 - used }
  }
  const settings = (keep: number) => ({ keep_releases: keep, disk_watermark: 85 })
  const go = (keep: number, history = journal) =>
    retain({ read: runner, runner, disk }, 'shop', history, settings(keep), statfs)
  return { removed, disk, go }
}

describe('retention after a deploy', () => {
  it('removes tags and folders of releases beyond the limit', async () => {
    const { removed, disk, go } = engine()
    expect(await go(3)).toEqual({ tags: [tag('1'), tag('2')], folders: ['d1', 'd2'], notes: [] })
    expect(removed).toEqual([tag('1'), tag('2')])
    expect(disk.removed).toEqual(['.ecomweb/releases/d1', '.ecomweb/releases/d2'])
  })
  it('removes one release more at a time while the disk is too full, the oldest first', async () => {
    const { removed, go } = engine({ fullness: [95, 90, 80] })
    expect((await go(5)).notes).toEqual([])
    expect(removed).toEqual([tag('1'), tag('2')])
  })
  it('keeps two however full the disk is, and says so', async () => {
    const { removed, go } = engine({ fullness: [96] })
    expect((await go(5)).notes).toEqual([expect.stringContaining('96 % full, above disk_watermark (85 %)')])
    expect(removed).toEqual([tag('1'), tag('2'), tag('3')])
  })
  it('notes what it could not remove, once, and goes on', async () => {
    const { removed, go } = engine({ refuse: tag('1'), fullness: [95, 80] })
    expect((await go(3)).notes).toEqual([`${tag('1')} could not be removed: conflict: in use`])
    expect(removed).toEqual([tag('2'), tag('3')])
  })
  it('removes nothing when it does not know what is in use', async () => {
    const { removed, disk, go } = engine({ noEngine: true })
    expect((await go(2)).notes).toEqual([expect.stringContaining('no old release was removed')])
    expect([...removed, ...disk.removed]).toEqual([])
  })
  it('gives up a reference that it pulled only while that still means the same image', async () => {
    const pulled = ['1', '2'].flatMap((digit) =>
      lines(`d${digit}`, 'deploy', [
        ['begin', { plan: { image: imageId(digit), reference: `shop:${digit}`, pulled: true, to: 'blue' } }],
        ['end', { result: 'deployed' }],
      ]),
    )
    const { removed, go } = engine()
    await go(3, [...pulled, ...journal.filter(({ id }) => !/d[12]/.test(id))])
    expect(removed).toEqual(['shop:1', tag('1'), tag('2')])
  })
})

describe('the fullness of a disk', () => {
  const runner = (stdout: string) => ({ dry: false, run: async () => ({ code: 0, stdout, stderr: '' }) })
  const statfs = async () => ({ blocks: 1000, bfree: 300, bavail: 250 })
  it('is what df says: reserved blocks count for nobody', async () => {
    expect(await diskUsed(runner('/var/lib/docker\n'), statfs)).toBeCloseTo((700 / 950) * 100)
  })
  it('is unknown without an engine', async () => expect(await diskUsed(runner(''), statfs)).toBeUndefined())
})
