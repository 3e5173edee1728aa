import { chmodSync, readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'

/** What containers mount and read as users of their own; none of it is secret. */
const MOUNTED = ['haproxy/haproxy.cfg', 'haproxy', 'volumes']

/** A clone made under a strict umask would be unreadable inside containers: gives everybody read access. */
export function makeMountsReadable(root: string): void {
  for (const path of MOUNTED) openUp(join(root, path), path === 'volumes')
}

function openUp(path: string, deep: boolean): void {
  const { mode } = statSync(path)
  const folder = (mode & 0o170000) === 0o040000
  // Whoever may read a folder may enter it, whoever may run a file may go on doing so.
  const wanted = mode | 0o444 | (folder || mode & 0o100 ? 0o111 : 0)
  if (wanted !== mode) chmodSync(path, wanted & 0o7777)
  if (folder && deep) for (const name of readdirSync(path)) openUp(join(path, name), deep)
}
