import { readdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { versionsPath } from './cache.ts'

/** What the folder of a version is called until it is whole. */
export const UNFINISHED = '.unfinished-'

/**
 * Removes what writers left behind that died or were cut. There is one writer at a time; one that was given up as dead
 * and is not fails when it goes on, since its folder is gone.
 */
export async function removeUnfinished(dir: string): Promise<void> {
  for (const name of await readdir(versionsPath(dir))) {
    if (name.startsWith(UNFINISHED)) await remove(versionsPath(dir), name)
  }
  for (const name of await readdir(dir)) {
    if (name.startsWith('current.')) await remove(dir, name)
  }
}

/** Removes all versions but these; readers that have one of them open read it to its end. */
export async function removeOtherVersions(dir: string, kept: (string | undefined)[]): Promise<void> {
  for (const name of await readdir(versionsPath(dir))) {
    if (!kept.includes(name)) await remove(versionsPath(dir), name)
  }
}

const remove = (folder: string, name: string) => rm(join(folder, name), { recursive: true, force: true })
