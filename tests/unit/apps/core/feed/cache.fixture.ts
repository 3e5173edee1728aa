import { createHash } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gunzipSync, zstdDecompressSync } from 'node:zlib'
import { onTestFinished } from 'vitest'
import { FeedCache, type OpenFile } from '../../../../../apps/core/feed/cache.ts'
import type { FeedEncoding } from '../../../../../apps/core/feed/splice.ts'
import { type WriteOptions, writeVersion } from '../../../../../apps/core/feed/writer.ts'

/** A folder for the time of a test. */
export async function feedFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'feed-'))
  onTestFinished(() => rm(folder, { recursive: true, force: true }))
  return folder
}

/** Orders with quotes, several scripts and nothing; `label` makes one version differ from another. */
export async function* orders(count: number, label = 'a'): AsyncGenerator<string> {
  for (let id = 1; id <= count; id++)
    yield JSON.stringify({ id, label, note: id % 3 ? `"${id}"\n\u2028 Größe 東京 🎁` : null })
}

export const write = (dir: string, rows: AsyncIterable<string>, options: Partial<WriteOptions> = {}) =>
  writeVersion(dir, rows, { now: () => new Date(), signal: new AbortController().signal, ...options })

export const decoded: Record<FeedEncoding, (bytes: Buffer) => Buffer> = {
  identity: (bytes) => bytes,
  gzip: (bytes) => gunzipSync(bytes),
  zstd: (bytes) => zstdDecompressSync(bytes),
}

export type Body = { status: string; count: number; updated_at: string; data: Record<string, unknown>[] }

export const hashOf = (bytes: Buffer): string => createHash('sha256').update(bytes).digest('hex')

/** Opens the current version. Errors: there is none. */
export async function openFile(dir: string, encoding: FeedEncoding = 'identity'): Promise<OpenFile> {
  const file = await new FeedCache(dir).open(encoding)
  if (!file) throw new Error('there is no version')
  return file
}

/** The current version as readers see it, whose checksum was compared. */
export async function readCurrent(dir: string, encoding: FeedEncoding = 'identity'): Promise<Body> {
  const { meta, handle } = await openFile(dir, encoding)
  const bytes = decoded[encoding](await handle.readFile().finally(() => handle.close()))
  if (hashOf(bytes) !== meta.sha256) throw new Error(`${encoding} of ${meta.id} is not what was written`)
  return JSON.parse(bytes.toString()) as Body
}

/** All items, in order. */
export async function all<T>(items: AsyncIterable<T>): Promise<T[]> {
  const found: T[] = []
  for await (const item of items) found.push(item)
  return found
}
