import { readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import type { Runner } from '../../run.ts'
import type { FactValues } from '../facts.ts'

/** Whether another command changes the stack. The command that asks may hold the lock itself: that counts as free. */
export async function readLock(runner: Runner, root: string): Promise<FactValues['lock']> {
  const file = join(root, '.ecomweb/lock')
  const inode = statSync(file, { throwIfNoEntry: false })?.ino
  const free = { held: false, owner: '' }
  if (inode === undefined || process.env.ECOMWEB_LOCK_FD) return free
  // Trying takes the lock for an instant, in which a deploy would be refused: so only where the kernel lists one.
  if (!lockedInodes(readFileSync('/proc/locks', 'utf8')).includes(inode)) return free
  const tried = await runner.run({ file: 'flock', args: ['-n', file, 'true'] }, { check: false })
  return tried.code === 0 ? free : { held: true, owner: readOwner(`${file}.owner`) }
}

/** Inodes that somebody holds by flock, of `/proc/locks`. */
export const lockedInodes = (text: string): number[] =>
  [...text.matchAll(/^\d+: FLOCK .* [0-9a-f]+:[0-9a-f]+:(\d+) /gm)].map(([, inode]) => Number(inode))

function readOwner(file: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch {
    return ''
  }
}
