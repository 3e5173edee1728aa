import { inspectImage, RELEASES } from '../docker/application-image.ts'
import { containersOf } from '../docker/containers.ts'
import { type JournalLine, releases } from '../history/releases.ts'
import type { Ports } from '../ports.ts'
import { type Command, CommandFailed, type Runner } from '../run.ts'
import { parseEnvFile } from '../settings/env-file.ts'
import { RELEASE_FOLDERS, releaseFolder } from './record.ts'
import { type Known, LEAST, type Removal, type Stored, toRemove } from './retention.ts'

/** The part of `x-ecomweb:` that says what is kept; the watermark in percent of the engine's disk. */
export type RetentionSettings = { keep_releases: number; disk_watermark: number }

/** What was removed, and what could not be. */
export type Retained = { tags: string[]; folders: string[]; notes: string[] }

/** Blocks of a file system, as `statfs` of node:fs gives them. */
export type Statfs = (path: string) => Promise<{ blocks: number; bfree: number; bavail: number }>

/** Every tag that keeps a release, of whichever stack. */
export const listTags: Command = {
  file: 'docker',
  args: ['image', 'ls', RELEASES, '--format', '{{.Repository}}:{{.Tag}}'],
}
const removeTag = (tag: string): Command => ({ file: 'docker', args: ['image', 'rm', tag] })
const engineRoot: Command = { file: 'docker', args: ['info', '--format', '{{.DockerRootDir}}'] }

/**
 * Removes the releases that nobody goes back to: beyond `keep_releases`, and, while the engine's disk is fuller than
 * the watermark, one more at a time, the oldest first, down to two. A tag that cannot be removed is a note.
 */
export async function retain(
  ports: Pick<Ports, 'read' | 'runner' | 'disk'>,
  stack: string,
  journal: readonly JournalLine[],
  { keep_releases, disk_watermark }: RetentionSettings,
  statfs: Statfs,
): Promise<Retained> {
  const { read, disk } = ports
  const done: Retained = { tags: [], folders: [], notes: [] }
  const inUse = await imagesInUse(ports, stack)
  if (!inUse)
    return { ...done, notes: ['the engine does not say what is in use: no old release was removed'] }
  const known: Known = { stack, releases: releases(journal), inUse }
  const stored: Stored = {
    tags: linesOf((await read.run(listTags, { check: false })).stdout),
    folders: await disk.list(RELEASE_FOLDERS),
  }
  for (let keep = Math.max(keep_releases, LEAST); keep >= LEAST; keep -= 1) {
    await removeNow(ports, toRemove(known, stored, keep), done)
    const used = await diskUsed(read, statfs)
    if (used === undefined || used <= disk_watermark) return done
    if (keep === LEAST) {
      const full = `the engine's disk is ${Math.round(used)} % full, above disk_watermark (${disk_watermark} %)`
      done.notes.push(`${full}, with no release left to remove: see \`docker system df\``)
    }
  }
  return done
}

/** Removes what was not tried before; adds to `done`. */
async function removeNow(
  { read, runner, disk }: Pick<Ports, 'read' | 'runner' | 'disk'>,
  { tags, pulled, folders }: Removal,
  done: Retained,
): Promise<void> {
  const references: string[] = []
  for (const { reference, image } of pulled) {
    if ((await imageIdOf(read, reference)) === image) references.push(reference)
  }
  for (const tag of new Set([...references, ...tags])) {
    if (done.tags.includes(tag)) continue
    const { code, stderr } = await runner.run(removeTag(tag), { check: false })
    done.tags.push(tag)
    if (code === 0 || /no such image/i.test(stderr)) continue
    done.notes.push(`${tag} could not be removed: ${stderr.trim().split('\n')[0] || `exit code ${code}`}`)
  }
  for (const id of folders.filter((id) => !done.folders.includes(id))) {
    await disk.remove(releaseFolder(id))
    done.folders.push(id)
  }
}

const ROLES = ['API_BLUE_IMAGE', 'API_GREEN_IMAGE', 'BACKGROUND_IMAGE', 'WORKER_PREVIOUS_IMAGE']

/**
 * Ids of the images that `.env` names as it is now, and of those that a container has, running or not. Undefined
 * when the engine does not answer.
 */
export async function imagesInUse(
  { read, disk }: Pick<Ports, 'read' | 'disk'>,
  stack: string,
): Promise<string[] | undefined> {
  const env = parseEnvFile((await disk.read('.env')) ?? '')
  const named = new Set(ROLES.flatMap((name) => env[name] || []))
  const ids = await Promise.all([...named].map((reference) => imageIdOf(read, reference)))
  const containers = await containersOf(read, stack).catch(unlessFailed)
  return containers && [...new Set([...ids, ...containers.map(({ imageId }) => imageId)])]
}

const unlessFailed = (error: unknown): undefined => {
  if (!(error instanceof CommandFailed)) throw error
}

async function imageIdOf(read: Runner, reference: string): Promise<string> {
  if (reference.startsWith('sha256:')) return reference
  const { args, file } = inspectImage(reference)
  const { stdout } = await read.run({ file, args: [...args, '--format', '{{.Id}}'] }, { check: false })
  return stdout.trim() || reference
}

/** Percent of the engine's disk as `df` counts it: reserved blocks are nobody's. Undefined when it is unknown. */
export async function diskUsed(read: Runner, statfs: Statfs): Promise<number | undefined> {
  const root = (await read.run(engineRoot, { check: false })).stdout.trim()
  if (!root.startsWith('/')) return undefined
  const { blocks, bfree, bavail } = await statfs(root)
  const used = blocks - bfree
  return (used / (used + bavail)) * 100
}

export const linesOf = (text: string): string[] => text.split('\n').filter(Boolean)
