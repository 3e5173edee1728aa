import type { FeedMeta } from './cache.ts'
import { jsonRows } from './csv.ts'
import { FeedError } from './feed-error.ts'
import { type FeedSource, newNullMarker } from './source.ts'
import { writeVersion } from './writer.ts'

export type SyncProgress = { phase: string; rows: number; rowsExpected?: number; bytes: number }

export type SyncParts = {
  source: FeedSource
  /** The folder of the feed. */
  dir: string
  now: () => Date
  signal: AbortSignal
  onProgress: (progress: SyncProgress) => void
  write?: typeof writeVersion
}

/**
 * Replaces the feed by what its source holds now, in constant memory. Errors: FeedError that says why, or the
 * signal's reason when aborted; the version before then stays.
 */
export async function syncFeed(parts: SyncParts): Promise<FeedMeta> {
  const { source, dir, now, signal, onProgress, write = writeVersion } = parts
  try {
    signal.throwIfAborted()
    onProgress({ phase: 'connecting', rows: 0, bytes: 0 })
    const columns = await source.columns(signal)
    const rowsExpected = await source.count(signal)
    onProgress({ phase: 'exporting', rows: 0, rowsExpected, bytes: 0 })
    const form = { columns, nullMarker: newNullMarker() }
    const rows = jsonRows(await source.csv(form, signal), form)
    return await write(dir, counted(rows, rowsExpected, source, signal), {
      now,
      signal,
      onProgress: (progress) => onProgress({ ...progress, rowsExpected }),
    })
  } catch (error) {
    signal.throwIfAborted()
    throw withoutSpace(error) ? new FeedError(`no space is left in ${dir}`, { cause: error }) : error
  }
}

/**
 * The rows, which at their end have to be as many as the table has. The shop sells meanwhile: the export may lie
 * anywhere between the count before and the count after it.
 */
async function* counted(
  rows: AsyncIterable<string>,
  before: number,
  source: FeedSource,
  signal: AbortSignal,
): AsyncGenerator<string> {
  let count = 0
  for await (const row of rows) {
    count++
    yield row
  }
  const after = await source.count(signal)
  if (count >= Math.min(before, after) && count <= Math.max(before, after)) return
  const expected = before === after ? `${after}` : `${before} before and ${after} now`
  throw new FeedError(`the export has ${count} rows where the table has ${expected}`)
}

const withoutSpace = (error: unknown): boolean =>
  ['ENOSPC', 'EDQUOT'].includes((error as NodeJS.ErrnoException).code ?? '')
