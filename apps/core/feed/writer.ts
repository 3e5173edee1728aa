import { randomUUID } from 'node:crypto'
import { mkdir, rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { currentId, currentPath, type FeedMeta, versionPath, versionsPath } from './cache.ts'
import { type Checked, checkJson, compressJson, type RowProgress, writeJson } from './files.ts'
import { syncFolder, writeSynced } from './synced.ts'
import { removeOtherVersions, removeUnfinished, UNFINISHED } from './tidy.ts'

export type WriteOptions = {
  /** How many rows there have to be, if that is known. */
  expected?: number
  now: () => Date
  signal: AbortSignal
  /** Told about twice for each MiB; `bytes` are those of JSON. */
  onProgress?: (progress: { phase: string; rows: number; bytes: number }) => void
  /** Calls `swap` if this writer may still replace the version; otherwise rejects. */
  publish?: (swap: () => Promise<FeedMeta>) => Promise<FeedMeta>
}

/**
 * Writes a new version of the feed from rows, each a JSON object on one line, and makes it the current one. Until the
 * very end readers see the version before, and whatever ends this early (an error, the signal, the death of the process,
 * power) leaves that as it is. Errors: those of the rows and of the disk; too few or too many rows; a row of more than one
 * line; another writer that was faster.
 */
export async function writeVersion(
  dir: string,
  rows: AsyncIterable<string>,
  options: WriteOptions,
): Promise<FeedMeta> {
  const { now, signal, publish = (swap) => swap() } = options
  const id = `${now().toISOString().replace(/\W/g, '')}-${randomUUID().slice(0, 8)}`
  const folder = join(versionsPath(dir), `${UNFINISHED}${id}`)
  signal.throwIfAborted()
  await mkdir(versionsPath(dir), { recursive: true })
  await removeUnfinished(dir)
  const before = await currentId(dir)
  await mkdir(folder)
  try {
    const meta = await fill(folder, id, rows, options)
    await publish(async () => {
      if ((await currentId(dir)) !== before) throw new Error('another refresh has finished meanwhile')
      signal.throwIfAborted()
      await swap(dir, folder, id)
      return meta
    })
    // The new version is there: that an old one stays a while longer is no failure.
    await removeOtherVersions(dir, [id, before]).catch(() => {})
    return meta
  } catch (error) {
    await rm(folder, { recursive: true, force: true }).catch(() => {})
    throw signal.aborted ? signal.reason : error
  }
}

async function fill(
  folder: string,
  id: string,
  rows: AsyncIterable<string>,
  { expected, now, signal, onProgress }: WriteOptions,
): Promise<FeedMeta> {
  const told = (phase: string) => (at: RowProgress) => onProgress?.({ phase, ...at })
  const written = await writeJson(folder, rows, { signal, now, onProgress: told('writing') })
  const { rows: count, bytes, updatedAt } = written
  if (expected !== undefined && count !== expected)
    throw new Error(`there are ${count} rows where ${expected} were expected`)
  told('compressing')({ rows: count, bytes })
  const [{ sha256, restCrc32 }, gzip, zstd] = await checkedAndCompressed(folder, signal)
  const meta: FeedMeta = {
    id,
    count,
    bytes,
    sha256,
    rest_crc32: restCrc32,
    updated_at: updatedAt.toISOString(),
    encodings: { zstd, gzip, identity: { file: 'data.json', bytes, rest: 1, end: bytes } },
  }
  await writeSynced(join(folder, 'meta.json'), JSON.stringify(meta))
  await syncFolder(folder)
  told('swapping')({ rows: count, bytes })
  return meta
}

/** The three read the same file at the same time, each on a thread of its own. */
async function checkedAndCompressed(folder: string, signal: AbortSignal) {
  // What one of them fails for should not keep the others busy.
  const failed = new AbortController()
  const either = AbortSignal.any([signal, failed.signal])
  const checked: Promise<Checked> = checkJson(folder, either)
  const compress = (encoding: 'gzip' | 'zstd') => compressJson(folder, encoding, checked, either)
  const all = [checked, compress('gzip'), compress('zstd')] as const
  try {
    return await Promise.all(all)
  } catch (error) {
    failed.abort(error)
    await Promise.allSettled(all)
    throw error
  }
}

/** From a folder that nobody knows to the current version: each step is on disk before the next one. */
async function swap(dir: string, folder: string, id: string): Promise<void> {
  await rename(folder, versionPath(dir, id))
  await syncFolder(versionsPath(dir))
  const beside = `${currentPath(dir)}.${id}`
  try {
    await writeSynced(beside, `${id}\n`)
    await rename(beside, currentPath(dir))
  } catch (error) {
    for (const path of [beside, versionPath(dir, id)]) await rm(path, { recursive: true, force: true })
    throw error
  }
  await syncFolder(dir)
}
