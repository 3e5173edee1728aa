import { createHash } from 'node:crypto'
import { posix } from 'node:path'
import { z } from 'zod'
import { KitError } from '../errors.ts'
import { replaceFile, syncFolders } from '../files/durable.ts'
import type { Disk } from '../ports.ts'

/** What a release was: its image, and the files that it was deployed with. */
const Release = z.object({
  id: z.string(),
  image: z.string(),
  reference: z.string(),
  /** All migrations that the image carries. */
  shipped: z.array(z.object({ name: z.string(), contract: z.boolean() })).default([]),
  /** sha256 of each file by its path. */
  files: z.record(z.string(), z.string()),
})
export type Release = z.infer<typeof Release>

/** What decides how a release runs, besides its image. */
const SINGLE_FILES = ['docker-compose.yml', 'haproxy/haproxy.cfg', '.env', '.env.api']
const FOLDERS = ['volumes/backend-api']

export const RELEASE_FOLDERS = '.ecomweb/releases'
export const releaseFolder = (id: string): string => `${RELEASE_FOLDERS}/${id}`
export const recordFile = (id: string): string => `${releaseFolder(id)}/release.json`
const copyOf = (id: string, path: string): string => `${releaseFolder(id)}/files/${path}`

/** The files as they are now. */
export async function currentFiles(disk: Disk): Promise<Map<string, string>> {
  const files = new Map<string, string>()
  const paths = [...SINGLE_FILES]
  for (const folder of FOLDERS) {
    for (const name of await disk.list(folder)) paths.push(`${folder}/${name}`)
  }
  for (const path of paths) {
    const text = await disk.read(path)
    if (text !== undefined) files.set(path, text)
  }
  return files
}

/** Keeps a release's files, readable for the owner alone; its record is written last, so that it is whole. */
export async function recordRelease(disk: Disk, release: Omit<Release, 'files'>): Promise<Release> {
  const files = await currentFiles(disk)
  const folders = new Set([releaseFolder(release.id)])
  for (const path of files.keys()) folders.add(posix.dirname(copyOf(release.id, path)))
  for (const folder of folders) await disk.makeFolder(folder)
  for (const [path, text] of files) {
    await disk.write(copyOf(release.id, path), text)
    await disk.sync(copyOf(release.id, path))
  }
  await syncFolders(disk, folders)
  const record = {
    ...release,
    files: Object.fromEntries([...files].map(([path, text]) => [path, hash(text)])),
  }
  await replaceFile(disk, recordFile(release.id), `${JSON.stringify(record, null, 2)}\n`)
  return record
}

/** A recorded release; undefined when there is none by that id, or it is only half there. */
export async function readRelease(disk: Disk, id: string): Promise<Release | undefined> {
  const text = await disk.read(recordFile(id))
  try {
    return text === undefined ? undefined : Release.parse(JSON.parse(text))
  } catch {
    return undefined
  }
}

export const listReleases = (disk: Disk): Promise<string[]> => disk.list(RELEASE_FOLDERS)

/** The files of a recorded release. Errors: one of them is gone or was changed. */
export async function releaseFiles(disk: Disk, release: Release): Promise<Map<string, string>> {
  const files = new Map<string, string>()
  for (const [path, wanted] of Object.entries(release.files)) {
    const text = await disk.read(copyOf(release.id, path))
    if (text === undefined || hash(text) !== wanted) {
      throw new KitError(
        `the recorded ${path} of release ${release.id} is ${text === undefined ? 'gone' : 'changed'}`,
        {
          why: `it lies in ${copyOf(release.id, path)}`,
          next: './ecomweb history shows the other releases',
        },
      )
    }
    files.set(path, text)
  }
  return files
}

/** Paths whose content differs between two records. */
export function changedFiles(before: Release, after: Release): string[] {
  const paths = new Set([...Object.keys(before.files), ...Object.keys(after.files)])
  return [...paths].filter((path) => before.files[path] !== after.files[path]).sort()
}

export const hash = (text: string): string => createHash('sha256').update(text).digest('hex')
