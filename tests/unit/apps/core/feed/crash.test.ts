import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { describe, expect, test, vi } from 'vitest'
import { readMeta } from '../../../../../apps/core/feed/cache.ts'
import { ENCODINGS } from '../../../../../apps/core/feed/splice.ts'
import { feedFolder, orders, readCurrent, write } from './cache.fixture.ts'

const WRITING = join(import.meta.dirname, 'writing.ts')

/** Runs a writer of its own process and kills it when it says that it is there. */
async function writeAndDie(dir: string, label: string, phase: string): Promise<void> {
  const child = spawn(process.execPath, [WRITING, dir, label, phase], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const exit = once(child, 'exit')
  for await (const line of createInterface(child.stdout)) if (line === phase) child.kill('SIGKILL')
  expect((await exit)[1]).toBe('SIGKILL')
}

describe('a writer that is killed', () => {
  test.each(['writing', 'compressing', 'swapping', 'publishing', 'published'])(
    'while %s leaves the old version or the new one, whole, and no room lost',
    async (phase) => {
      const dir = await feedFolder()
      await write(dir, orders(10, 'before'))
      await writeAndDie(dir, 'killed', phase)
      for (const encoding of ENCODINGS) {
        const { data, count } = await readCurrent(dir, encoding)
        const label = data[0]?.label
        expect([`before 10`, `killed 20000`]).toContain(`${label} ${count}`)
        if (['writing', 'compressing'].includes(phase)) expect(label).toBe('before')
        if (phase === 'published') expect(label).toBe('killed')
      }
      await write(dir, orders(12, 'after'))
      expect((await readCurrent(dir)).count).toBe(12)
      expect(await readdir(join(dir, 'versions'))).toHaveLength(2)
      expect(await readdir(dir)).toEqual(['current', 'versions'])
    },
    20_000,
  )
})

test('150 MB are written with a heap of 64', async () => {
  const dir = await feedFolder()
  const args = ['--max-old-space-size=64', WRITING, dir, 'large', '', '75000', '2000']
  const { stdout, status } = spawnSync(process.execPath, args, { encoding: 'utf8' })
  expect([status, stdout.trim().split('\n').at(-1)]).toEqual([0, 'published'])
  expect((await readMeta(dir))?.count).toBe(75_000)
}, 60_000)

/** With a mount namespace of its own, so that nobody else sees the small disk. */
const mounting = ['--mount', 'sh', '-c']
const canMount =
  spawnSync('unshare', [...mounting, 'mount -t tmpfs none /mnt'], { stdio: 'ignore' }).status === 0

test.runIf(canMount)('a disk that is really full: said so, and the version before stays', async () => {
  const dir = await feedFolder()
  const script = `set -e
    mount -t tmpfs -o size=1500k none "$0"
    "$1" "$2" "$0" "$3" | tail -n 1
    ls "$0/versions" | wc -l
    cat "$0"/versions/*/data.json 2> /dev/null | wc -c`
  const { stdout } = spawnSync('unshare', [...mounting, script, dir, process.execPath, WRITING, 'x'], {
    encoding: 'utf8',
  })
  expect(stdout.split('\n').map((line) => line.trim())).toEqual(['failed ENOSPC', '0', '0', ''])
})

// The same without the rights to mount anything: what the disk says comes from here.
const disk = vi.hoisted(() => ({ room: Infinity }))
vi.mock('node:fs/promises', async (original) => {
  const fs = await original<typeof import('node:fs/promises')>()
  return {
    ...fs,
    async open(...args: Parameters<typeof fs.open>) {
      const file = await fs.open(...args)
      const write = file.write.bind(file) as (...given: unknown[]) => Promise<{ bytesWritten: number }>
      file.write = (async (...given: unknown[]) => {
        if (disk.room <= 0) throw Object.assign(new Error('ENOSPC: no space left'), { code: 'ENOSPC' })
        const written = await write(...given)
        disk.room -= written.bytesWritten
        return written
      }) as typeof file.write
      return file
    },
  }
})

test.each([0, 100_000, 700_000, 1_100_000])(
  'a disk with room for %i bytes: the version before stays, and there is room again',
  async (room) => {
    const dir = await feedFolder()
    await write(dir, orders(10, 'before'))
    disk.room = room
    await expect(write(dir, orders(20_000, 'too much'))).rejects.toMatchObject({ code: 'ENOSPC' })
    disk.room = Infinity
    expect((await readCurrent(dir)).data[0]).toMatchObject({ label: 'before' })
    expect(await readdir(join(dir, 'versions'))).toHaveLength(1)
    await write(dir, orders(11, 'after'))
    expect((await readCurrent(dir)).count).toBe(11)
  },
)
