import type { FeedCache } from '../../core/feed/cache.ts'
import type { FeedStreams } from './streams.ts'
import type { RefreshWatch } from './watch.ts'

/** How the refresh stands, in whatever process it runs. */
export type RefreshState = {
  running: {
    id: string
    phase: string
    rows: number
    rowsExpected: number | null
    startedAt: Date
  } | null
  last: {
    id: string
    status: 'finished' | 'failed' | 'cancelled' | 'lost'
    failure: string | null
    finishedAt: Date
  } | null
  /** when one was asked for that has not begun yet */
  waitingSince?: Date
}

/** What the feed's HTTP side may do to the refresh. */
export type FeedRefresh = {
  /** Rejects if neither is true: the refresh could not be begun. */
  trigger(): Promise<'triggered' | 'already in progress'>
  /** Asks the refresh to stop; false if none goes on. */
  cancel(): Promise<boolean>
  /** How it stands at this moment; `unknown`, soon, while the database is away. Never rejects. */
  state(): Promise<RefreshState | 'unknown'>
}

export type FeedParts = {
  cache: FeedCache
  refresh: FeedRefresh
  /** SHA-256 of each key that opens the feed, as 64 hexadecimal digits. */
  keyHashes: string[]
  watch: RefreshWatch
  streams: FeedStreams
}
