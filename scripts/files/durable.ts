import { posix } from 'node:path'
import type { Disk } from '../ports.ts'

/**
 * Replaces a file so that a crash at any moment leaves either the old or the new content, whole: written beside,
 * fsynced, renamed, and the folder fsynced so that the rename itself is on disk (rename(2), fsync(2)).
 * Owner, group and mode of an existing file are kept; a new one gets `mode` (default 0600).
 */
export async function replaceFile(disk: Disk, path: string, text: string, mode = 0o600): Promise<void> {
  const folder = posix.dirname(path)
  const beside = posix.join(folder, `.${posix.basename(path)}.new`)
  await disk.write(beside, text, { mode, like: path })
  await disk.sync(beside)
  await disk.rename(beside, path)
  await disk.sync(folder)
}

/**
 * Appends one line and resolves only when it is on disk. A line that an earlier crash or full disk cut off is ended
 * first, so that it spoils nothing but itself.
 */
export async function appendLine(disk: Disk, path: string, line: string): Promise<void> {
  const before = await disk.read(path)
  const cut = before !== undefined && before !== '' && !before.endsWith('\n')
  await disk.append(path, `${cut ? '\n' : ''}${line}\n`)
  await disk.sync(path)
  if (before === undefined) await syncFolders(disk, [posix.dirname(path)])
}

/**
 * Puts those of these files that exist on disk, and their names: what a process wrote that was killed before its
 * fsync can be read by all, and is gone after a power cut.
 */
export async function syncFiles(disk: Disk, paths: Iterable<string>): Promise<void> {
  const folders = new Set<string>()
  for (const path of paths) {
    if ((await disk.read(path)) === undefined) continue
    await disk.sync(path)
    folders.add(posix.dirname(path))
  }
  await syncFolders(disk, folders)
}

/** Puts the names of all that was made in folders, and of the folders themselves up to the root, on disk. */
export async function syncFolders(disk: Disk, folders: Iterable<string>): Promise<void> {
  const above = new Set<string>()
  for (const path of folders) {
    for (let folder = path; folder !== '.'; folder = posix.dirname(folder)) above.add(folder)
  }
  for (const folder of [...above, '.']) await disk.sync(folder)
}
