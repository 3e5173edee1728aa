import { mkdir, open, writeFile } from 'node:fs/promises'
import { userInfo } from 'node:os'
import { dirname, join } from 'node:path'
import { readLock } from '../preflight/look/lock.ts'
import type { Runner } from '../run.ts'

/** The kit's lock, which the launcher takes for commands that change the stack. */
export type Lock = {
  /** Whether another command has it. */
  held(): Promise<boolean>
  /** Does something with the lock held; `held` where another command has it. */
  during<T>(work: () => Promise<T>): Promise<T | 'held'>
}

/**
 * The lock of a folder. It belongs to the open file, which flock(1) is given beside this process, and so is every
 * command that starts meanwhile: the kernel frees it when the last of them is gone, however they end.
 */
export function folderLock(root: string, runner: Runner): Lock {
  const path = join(root, '.ecomweb/lock')
  return {
    held: async () => (await readLock(runner, root)).held,
    async during(work) {
      await mkdir(dirname(path), { recursive: true, mode: 0o700 })
      const file = await open(path, 'a')
      process.env.ECOMWEB_LOCK_FD = String(file.fd)
      try {
        const tried = await runner.run({ file: 'flock', args: ['-n', '3'] }, { check: false })
        if (tried.code !== 0) return 'held'
        await writeOwner(`${path}.owner`)
        return await work()
      } finally {
        delete process.env.ECOMWEB_LOCK_FD
        await file.close()
      }
    },
  }
}

/** A dry run changes nothing, so nobody has to wait for it. */
export const noLock: Lock = { held: async () => false, during: (work) => work() }

/** Who it is, as the launcher writes it; a deploy that is started meanwhile knows by the name that it need only wait. */
function writeOwner(path: string): Promise<void> {
  const since = new Date().toISOString().slice(0, 19).replace('T', ' ')
  const lines = [
    `  pid:     ${process.pid}`,
    `  user:    ${userInfo().username}`,
    '  command: ecomweb autoscale',
    `  since:   ${since} UTC`,
  ]
  return writeFile(path, `${lines.join('\n')}\n`)
}
