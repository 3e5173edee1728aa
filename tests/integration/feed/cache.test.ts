import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest'
import { readMeta } from '../../../apps/core/feed/cache.ts'
import { type RefreshParts, refreshFeed, type Sync } from '../../../apps/core/feed/refresh.ts'
import { feedRuns, LOST_AFTER_MS } from '../../../apps/core/feed/runs.ts'
import { writeVersion } from '../../../apps/core/feed/writer.ts'
import { openLog } from '../../../apps/core/log.ts'
import { type OwnDatabase, ownDatabase } from '../database.ts'

let own: OwnDatabase
let dir: string

beforeAll(async () => {
  own = await ownDatabase()
})
beforeEach(async () => {
  await own.sql('DELETE FROM feed_runs')
  dir = mkdtempSync(join(tmpdir(), 'feed-cache-'))
})
afterEach(() => rmSync(dir, { recursive: true }))
afterAll(() => own.drop())

const later = () => new Date(Date.now() + LOST_AFTER_MS + 1000)

/** Writes so many rows to the real cache; `atLast` happens when all are on disk, right before they are published. */
const rowsToDisk =
  (count: number, atLast: () => Promise<unknown> = async () => {}): Sync =>
  ({ signal, onProgress, publish }) => {
    const rows = (async function* () {
      for (let id = 1; id <= count; id++) yield JSON.stringify({ id })
    })()
    return writeVersion(dir, rows, {
      ...{ signal, onProgress, now: () => new Date() },
      publish: async (swap) => {
        await atLast()
        return publish(swap)
      },
    })
  }

const refresh = (sync: Sync, runs: RefreshParts['runs'] = feedRuns(own.open(), 'first')) =>
  refreshFeed({
    ...{ runs, sync, trigger: 'request', limitMs: 60_000 },
    signal: new AbortController().signal,
    log: openLog({ LOG_LEVEL: 'silent' }),
  })

const seen = async () => ({
  count: (await readMeta(dir))?.count,
  versions: readdirSync(join(dir, 'versions')).length,
})

test('a refresh replaces the cache and keeps the version before', async () => {
  expect(await refresh(rowsToDisk(3))).toMatchObject({ outcome: 'finished', count: 3 })
  expect(await refresh(rowsToDisk(4))).toMatchObject({ outcome: 'finished', count: 4 })
  expect(await refresh(rowsToDisk(5))).toMatchObject({ outcome: 'finished', count: 5 })
  expect(await seen()).toEqual({ count: 5, versions: 2 })
})

test('a refresh that was taken over at the last moment leaves the cache of its successor, and nothing of its own', async () => {
  await refresh(rowsToDisk(3))
  const overtaken = rowsToDisk(4, () => refresh(rowsToDisk(5), feedRuns(own.open(), 'second', later)))
  expect(await refresh(overtaken)).toMatchObject({ outcome: 'lost' })
  expect(await seen()).toEqual({ count: 5, versions: 2 })
  const statuses = await own.sql('SELECT status FROM feed_runs ORDER BY id')
  expect(statuses.map(({ status }) => status)).toEqual(['finished', 'lost', 'finished'])
})

test('a process that is held up after it has published takes nothing away from those that published since', async () => {
  const heldUp: Sync = (parts) =>
    rowsToDisk(3)({
      ...parts,
      publish: async (swap) => {
        const meta = await parts.publish(swap)
        for (const rows of [4, 5]) await refresh(rowsToDisk(rows), feedRuns(own.open(), 'next'))
        return meta
      },
    })
  expect(await refresh(heldUp)).toMatchObject({ outcome: 'finished', count: 3 })
  expect(await seen()).toEqual({ count: 5, versions: 2 })
})

test('a refresh that is cancelled at the last moment leaves the cache as it was', async () => {
  const runs = feedRuns(own.open(), 'first')
  await refresh(rowsToDisk(3))
  expect(await refresh(rowsToDisk(4, () => runs.requestCancel()))).toMatchObject({ outcome: 'cancelled' })
  expect(await seen()).toEqual({ count: 3, versions: 1 })
})

test('a refresh whose claim cannot be looked at in the end leaves the cache as it was, and says so', async () => {
  await refresh(rowsToDisk(3))
  const hide = () => own.sql('ALTER TABLE feed_runs RENAME TO hidden')
  const result = await refresh(rowsToDisk(4, hide)).finally(() =>
    own.sql('ALTER TABLE hidden RENAME TO feed_runs'),
  )
  expect(result).toEqual({
    outcome: 'failed',
    failure: expect.stringMatching(/^the claim could not be checked: .*feed_runs/),
  })
  expect(await seen()).toEqual({ count: 3, versions: 1 })
})
