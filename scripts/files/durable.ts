import {
  closeSync,
  fchmodSync,
  fchownSync,
  fsyncSync,
  openSync,
  renameSync,
  statSync,
  writeSync,
} from 'node:fs'
import { basename, dirname, join } from 'node:path'

/**
 * Replaces a file so that a crash at any moment leaves either the old or the new content, whole:
 * written beside, fsynced, renamed, and the folder fsynced so that the rename itself is on disk.
 * Owner, group and mode of an existing file are kept; a new one gets `mode` (default 0600).
 */
export function replaceFile(path: string, content: string, mode = 0o600): void {
  const folder = dirname(path)
  const beside = join(folder, `.${basename(path)}.new`)
  const before = statSync(path, { throwIfNoEntry: false })
  const file = openSync(beside, 'w', before?.mode ?? mode)
  try {
    fchmodSync(file, (before?.mode ?? mode) & 0o7777)
    if (before) fchownSync(file, before.uid, before.gid)
    writeSync(file, content)
    fsyncSync(file)
  } finally {
    closeSync(file)
  }
  renameSync(beside, path)
  syncFolder(folder)
}

/** Appends one line and returns only when it is on disk. */
export function appendLine(path: string, line: string, mode = 0o600): void {
  const isNew = !statSync(path, { throwIfNoEntry: false })
  const file = openSync(path, 'a', mode)
  try {
    writeSync(file, `${line}\n`)
    fsyncSync(file)
  } finally {
    closeSync(file)
  }
  if (isNew) syncFolder(dirname(path))
}

function syncFolder(folder: string): void {
  const handle = openSync(folder, 'r')
  try {
    fsyncSync(handle)
  } finally {
    closeSync(handle)
  }
}
