import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type Found, findInText, type KnownValue } from './find.ts'

export type FoundInFile = Found & { path: string }

const COPIES = /\.(br|gz)$/

/** Looks at files of a folder, by their paths in it. A file that is gone meanwhile, or is no text, holds nothing. */
export async function findInFiles(
  folder: string,
  paths: readonly string[],
  known: KnownValue[] = [],
): Promise<FoundInFile[]> {
  const found: FoundInFile[] = []
  for (const path of paths) {
    const text = await readFile(join(folder, path), 'utf8').catch(() => '\0')
    if (!text.includes('\0')) found.push(...findInText(text, known).map((match) => ({ ...match, path })))
  }
  return found
}

/** Every file below a folder, without compressed copies of others; undefined if there is no such folder. */
export async function filesBelow(folder: string): Promise<string[] | undefined> {
  try {
    const entries = await readdir(folder, { recursive: true, withFileTypes: true })
    return entries
      .filter((entry) => entry.isFile() && !COPIES.test(entry.name))
      .map((entry) => join(entry.parentPath, entry.name).slice(folder.length + 1))
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw error
  }
}
