import { expect, test } from 'vitest'
import type { FeedMeta } from '../../../../../apps/core/feed/cache.ts'
import type { FeedSource } from '../../../../../apps/core/feed/source.ts'
import { type SyncProgress, syncFeed } from '../../../../../apps/core/feed/sync.ts'

/** A source with so many rows in its export, whose table has another number of them each time it is counted. */
const sourceOf = (exported: number, ...counts: number[]): FeedSource => ({
  columns: async () => [{ name: 'id', type: 'int' }],
  count: async () => counts.shift() ?? Number.NaN,
  csv: async () =>
    (async function* () {
      yield Buffer.from('"id"\n')
      for (let id = 1; id <= exported; id++) yield Buffer.from(`"${id}"\n`)
    })(),
})

type Write = NonNullable<Parameters<typeof syncFeed>[0]['write']>

/** Takes the rows as the writer on disk does. */
const take: Write = async (_dir, rows, { onProgress }) => {
  let count = 0
  for await (const row of rows) onProgress?.({ phase: 'writing', rows: ++count, bytes: row.length })
  return { count } as FeedMeta
}

const sync = (source: FeedSource, { write = take, signal = new AbortController().signal } = {}) => {
  const seen: SyncProgress[] = []
  const onProgress = (progress: SyncProgress) => void seen.push(progress)
  const done = syncFeed({ source, dir: '/feed', now: () => new Date(0), signal, onProgress, write })
  return { done, seen }
}

test.each([
  ['as many rows as before and after', 3, 3, 3],
  ['rows that came in during the export', 4, 3, 5],
  ['rows that went during the export', 4, 5, 3],
  ['none where there are none', 0, 0, 0],
])('%s are taken', async (_what, exported, before, after) => {
  await expect(sync(sourceOf(exported, before, after)).done).resolves.toEqual({ count: exported })
})

test.each([
  ['too few', 2, 3, 3, 'the export has 2 rows where the table has 3'],
  ['too many', 4, 3, 3, 'the export has 4 rows where the table has 3'],
  ['fewer than there ever were', 2, 3, 5, 'the export has 2 rows where the table has 3 before and 5 now'],
  ['none where there are some', 0, 3, 3, 'the export has 0 rows where the table has 3'],
])('%s rows are refused', async (_what, exported, before, after, reason) => {
  await expect(sync(sourceOf(exported, before, after)).done).rejects.toThrow(reason)
})

test('progress says how many rows there will be', async () => {
  const { done, seen } = sync(sourceOf(2, 2, 2))
  await done
  expect(seen).toEqual([
    { phase: 'connecting', rows: 0, bytes: 0 },
    { phase: 'exporting', rows: 0, rowsExpected: 2, bytes: 0 },
    { phase: 'writing', rows: 1, rowsExpected: 2, bytes: 8 },
    { phase: 'writing', rows: 2, rowsExpected: 2, bytes: 8 },
  ])
})

test.each(['ENOSPC', 'EDQUOT'])('%s says that the disk is full', async (code) => {
  const write = () => Promise.reject(Object.assign(new Error('write'), { code }))
  await expect(sync(sourceOf(1, 1, 1), { write }).done).rejects.toThrow(/^no space is left in \/feed$/)
})

test('what is aborted ends with the reason, whatever fails on account of it', async () => {
  const stop = new AbortController()
  const write = () => {
    stop.abort(new Error('cancelled'))
    return Promise.reject(new Error('the stream was destroyed'))
  }
  await expect(sync(sourceOf(1, 1, 1), { write, signal: stop.signal }).done).rejects.toThrow('cancelled')
})
