import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect } from 'vitest'
import { type FeedMeta, readMeta, versionPath } from '../../../apps/core/feed/cache.ts'
import { type FeedSource, openSource } from '../../../apps/core/feed/source.ts'
import { type SyncProgress, syncFeed } from '../../../apps/core/feed/sync.ts'
import { type FeedServices, startFeedServices } from './source.fixture.ts'

export type Row = Record<string, unknown>

type Given = {
  /** phpMyAdmin itself by default. */
  url?: string
  password?: string
  signal?: AbortSignal
  onProgress?: (progress: SyncProgress) => void
  /** Takes the place of the table's own source. */
  source?: FeedSource
}

export type Feed = {
  services: FeedServices
  sourceOf(table: string, given?: Given): FeedSource
  /** Syncs a table of the database `shop`. */
  sync(table: string, given?: Given): Promise<FeedMeta>
  /** Why a sync failed; expects that the version from before is served afterwards. */
  failure(table: string, given?: Given): Promise<string>
  /** The rows that are served. */
  cached(): Promise<Row[]>
  stop(): Promise<void>
}

/** A feed in a folder of its own, and what it is filled from. */
export async function startFeed(): Promise<Feed> {
  const services = await startFeedServices(`ecw-data-${process.pid}`)
  const dir = await mkdtemp(join(tmpdir(), 'ecomweb-feed-'))
  const sourceOf: Feed['sourceOf'] = (table, { url = services.url, password = services.password } = {}) =>
    openSource({
      FEED_SOURCE_URL: url,
      FEED_SOURCE_USER: services.user,
      FEED_SOURCE_PASSWORD: password,
      FEED_SOURCE_DATABASE: 'shop',
      FEED_SOURCE_TABLE: table,
    })
  const sync: Feed['sync'] = (table, given = {}) => {
    const {
      source = sourceOf(table, given),
      signal = new AbortController().signal,
      onProgress = () => {},
    } = given
    return syncFeed({ source, dir, now: () => new Date(), signal, onProgress })
  }
  return {
    services,
    sourceOf,
    sync,
    async failure(table, given) {
      const before = await readMeta(dir)
      const why = await sync(table, given).then(
        () => 'it did not fail',
        (error: Error) => error.message,
      )
      expect(before).toBeDefined()
      expect(await readMeta(dir)).toEqual(before)
      return why
    },
    async cached() {
      const meta = await readMeta(dir)
      const body = await readFile(join(versionPath(dir, meta?.id ?? ''), 'data.json'), 'utf8')
      return (JSON.parse(body) as { data: Row[] }).data
    },
    async stop() {
      await services.stop()
      await rm(dir, { recursive: true })
    },
  }
}
