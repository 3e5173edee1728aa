import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { realDisk } from '../../../../scripts/files/disk.ts'
import { commitBack, formatRoutes, ROUTES_FILE } from '../../../../scripts/haproxy/routes.ts'
import type { Disk } from '../../../../scripts/ports.ts'
import { systemClock } from '../../../../scripts/stack/wait.ts'
import { edgeOf } from './edge.ts'

const SCRIPT = join(import.meta.dirname, 'giving-back.ts')
const blue = { active: 'blue', weight: 0 } as const
const half = { active: 'blue', canary: 'green', weight: 50 } as const

/** With a mount namespace of its own, so that nobody else sees the small disk. */
const mounting = ['--mount', 'sh', '-c']
const canMount =
  spawnSync('unshare', [...mounting, 'mount -t tmpfs none /mnt'], { stdio: 'ignore' }).status === 0

/** As on a disk that holds the map and lets nothing new be written. */
const without = (...refused: (keyof Disk)[]): Disk => {
  const refuse = async () => {
    throw new Error('no space left on device')
  }
  const disk = {
    read: async () => formatRoutes(half),
    ...Object.fromEntries(['write', 'overwrite', 'sync', 'rename'].map((name) => [name, async () => {}])),
    ...Object.fromEntries(refused.map((name) => [name, refuse])),
  }
  return disk as unknown as Disk
}

describe('traffic goes back', () => {
  it.runIf(canMount)('on a disk that is really full, and the map file with it', () => {
    const folder = mkdtempSync(join(tmpdir(), 'ecomweb-full-'))
    const script = 'mount -t tmpfs -o size=1m none "$0" && "$1" "$2" "$0"'
    const ended = spawnSync('unshare', [...mounting, script, folder, process.execPath, SCRIPT], {
      encoding: 'utf8',
    })
    rmSync(folder, { recursive: true })
    expect(ended.stderr).toBe('')
    const [before, after] = [formatRoutes(half), formatRoutes(blue)]
    expect(JSON.parse(ended.stdout)).toEqual({ forward: 'ENOSPC', before, after, file: after })
  })

  it('by the old file where no new one can be written', async () => {
    const edge = edgeOf(half)
    await commitBack({ disk: without('write'), edge, clock: systemClock }, blue)
    expect(edge.routes()).toEqual(blue)
  })

  it('by the running map alone where no file can be written, and says so', async () => {
    const edge = edgeOf(half)
    const back = commitBack({ disk: without('write', 'overwrite'), edge, clock: systemClock }, blue)
    await expect(back).rejects.toMatchObject({
      message: expect.stringContaining('users are on blue again'),
      why: 'no space left on device',
      next: expect.stringContaining('./ecomweb abort'),
    })
    expect(edge.routes()).toEqual(blue)
  })
})

describe('a file that is written over', () => {
  it.each(['longer than before it was\n', 'short\n', 'grün\n'])('says afterwards only %j', async (text) => {
    const folder = mkdtempSync(join(tmpdir(), 'ecomweb-over-'))
    writeFileSync(join(folder, 'routes.map'), 'something before\n')
    await realDisk(folder).overwrite('routes.map', text)
    expect(readFileSync(join(folder, 'routes.map'), 'utf8')).toBe(text)
    rmSync(folder, { recursive: true })
  })

  it('must be there', () =>
    expect(realDisk(tmpdir()).overwrite(`absent/${ROUTES_FILE}`, 'text')).rejects.toThrow('ENOENT'))
})
