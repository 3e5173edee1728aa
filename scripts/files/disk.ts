import { chown, mkdir, open, readdir, readFile, rename, rm, stat } from 'node:fs/promises'
import { resolve } from 'node:path'
import type { Disk } from '../ports.ts'

/** The files of a project folder. */
export function realDisk(root: string): Disk {
  const at = (path: string): string => resolve(root, path)
  return {
    read: (path) => orElse(readFile(at(path), 'utf8'), undefined),
    list: (path) => orElse(readdir(at(path)), []),
    async makeFolder(path) {
      await mkdir(at(path), { recursive: true, mode: 0o700 })
    },
    async write(path, text, { mode = 0o600, like } = {}) {
      const model = like === undefined ? undefined : await orElse(stat(at(like)), undefined)
      const wanted = (model?.mode ?? mode) & 0o7777
      const file = await open(at(path), 'w', wanted)
      try {
        // The umask does not decide what only some may read.
        await file.chmod(wanted)
        if (model) await chown(at(path), model.uid, model.gid)
        await file.writeFile(text)
      } finally {
        await file.close()
      }
    },
    async append(path, text) {
      const file = await open(at(path), 'a', 0o600)
      try {
        await file.writeFile(text)
      } finally {
        await file.close()
      }
    },
    async overwrite(path, text) {
      const file = await open(at(path), 'r+')
      try {
        const { size } = await file.stat()
        // In one write, so that no reader and no crash finds the new beginning with the end of the old text.
        await file.write(text.padEnd(size, '\n'), 0)
        await file.truncate(Buffer.byteLength(text))
      } finally {
        await file.close()
      }
    },
    async sync(path) {
      const file = await open(at(path), 'r')
      try {
        await file.sync()
      } finally {
        await file.close()
      }
    },
    rename: (from, to) => rename(at(from), at(to)),
    remove: (path) => rm(at(path), { recursive: true, force: true }),
  }
}

/** What is absent is an answer; every other error stays one. */
async function orElse<T, F>(asked: Promise<T>, absent: F): Promise<T | F> {
  try {
    return await asked
  } catch (error) {
    if (['ENOENT', 'ENOTDIR'].includes((error as NodeJS.ErrnoException).code ?? '')) return absent
    throw error
  }
}
