import { createHash } from 'node:crypto'
import { readdirSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { join, relative, sep } from 'node:path'

export type Encoding = 'br' | 'gzip'

/** A file of the built web client. */
export type WebFile = {
  /** below the folder, with / between names */
  path: string
  /** its precompressed forms, by path, best first */
  encoded: Map<Encoding, string>
  /** Identifies the content; the forms of one file share it. */
  hash(): Promise<string>
}

const suffixes: [Encoding, string][] = [
  ['br', '.br'],
  ['gzip', '.gz'],
]

/**
 * Every file of a built web client by the path under which it is asked for; a folder's index.html stands for the folder
 * too. The build never changes while it is served, so the folder is looked at once, and nothing outside this list can
 * be reached. Empty if there is no folder.
 */
export function readWebFolder(directory: string): ReadonlyMap<string, WebFile> {
  const paths = new Set(filesIn(directory))
  const files = new Map<string, WebFile>()
  for (const path of paths) {
    if (suffixes.some(([, suffix]) => path.endsWith(suffix) && paths.has(path.slice(0, -suffix.length))))
      continue
    const file = webFile(directory, path, paths)
    files.set(`/${path}`, file)
    if (!/(^|\/)index\.html$/.test(path)) continue
    const folder = `/${path.slice(0, -'index.html'.length)}`
    files.set(folder, file)
    if (folder !== '/') files.set(folder.slice(0, -1), file)
  }
  return files
}

function webFile(directory: string, path: string, paths: ReadonlySet<string>): WebFile {
  let hash: Promise<string> | undefined
  const present = suffixes.filter(([, suffix]) => paths.has(path + suffix))
  return {
    path,
    encoded: new Map(present.map(([encoding, suffix]) => [encoding, path + suffix])),
    hash: () => {
      hash ??= hashOf(join(directory, path))
      return hash
    },
  }
}

/**
 * Not size and time, as is usual: two builds of index.html have the same size, since only hashes in it differ, and
 * images are often built with one time for all files.
 */
async function hashOf(path: string): Promise<string> {
  return createHash('sha256')
    .update(await readFile(path))
    .digest('base64url')
    .slice(0, 22)
}

function filesIn(directory: string): string[] {
  try {
    return readdirSync(directory, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => relative(directory, join(entry.parentPath, entry.name)).split(sep).join('/'))
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return []
    throw error
  }
}
