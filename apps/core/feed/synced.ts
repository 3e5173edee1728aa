import { type FileHandle, open } from 'node:fs/promises'

/** Writes a new file and resolves when it is on disk; its name is there after syncFolder. */
export async function writeSynced(path: string, text: string): Promise<void> {
  await withFile(path, 'w', async (file) => {
    await file.writeFile(text)
    await file.sync()
  })
}

/** Puts what was made, renamed and removed in a folder on disk. */
export async function syncFolder(path: string): Promise<void> {
  await withFile(path, 'r', (folder) => folder.sync())
}

/** Opens a file for the time of the work. */
export async function withFile<T>(
  path: string,
  flags: string,
  work: (file: FileHandle) => Promise<T>,
): Promise<T> {
  const file = await open(path, flags, 0o644)
  try {
    return await work(file)
  } finally {
    await file.close()
  }
}
