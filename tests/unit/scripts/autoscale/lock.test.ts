import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { folderLock } from '../../../../scripts/autoscale/lock.ts'
import { execRunner } from '../../../../scripts/run.ts'

describe("the kit's lock", () => {
  let root = ''
  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), 'autoscale-lock-'))
  })
  afterEach(() => rmSync(root, { recursive: true, force: true }))

  const tryIt = () => spawnSync('flock', ['-n', join(root, '.ecomweb/lock'), 'true']).status

  it('is held while something is done, by the commands that this starts too, and then free', async () => {
    const lock = folderLock(root, execRunner())
    const seen = await lock.during(async () => {
      const { stdout } = await execRunner().run({ file: 'readlink', args: ['/proc/self/fd/3'] })
      return { status: tryIt(), inherited: stdout.trim() }
    })
    expect(seen).toEqual({ status: 1, inherited: join(root, '.ecomweb/lock') })
    expect(tryIt()).toBe(0)
    expect(readFileSync(join(root, '.ecomweb/lock.owner'), 'utf8')).toMatch(
      /pid: +\d+\n.*\n +command: ecomweb autoscale\n/,
    )
    expect(process.env.ECOMWEB_LOCK_FD).toBeUndefined()
  })

  it('is given back after an error', async () => {
    const lock = folderLock(root, execRunner())
    const failing = lock.during(async () => {
      throw new Error('no such image')
    })
    await expect(failing).rejects.toThrow('no such image')
    expect(tryIt()).toBe(0)
  })

  it('is left to the command that has it', async () => {
    const [one, other] = [folderLock(root, execRunner()), folderLock(root, execRunner())]
    expect(await other.held()).toBe(false)
    const seen = await one.during(async () => {
      // As another process would see it.
      delete process.env.ECOMWEB_LOCK_FD
      return [await other.held(), await other.during(async () => 'done')]
    })
    expect(seen).toEqual([true, 'held'])
    expect(tryIt()).toBe(0)
  })
})
