import { FeedCache } from '../../core/feed/cache.ts'
import type { FeedParts, FeedRefresh } from './ports.ts'
import { FeedStreams } from './streams.ts'
import { RefreshWatch } from './watch.ts'

type Settings = { FEED_DIR: string; FEED_API_KEY_HASHES: string[]; FEED_SYNC_LIMIT_MS: number }

/** Beyond the limit of a refresh itself: until it begins, and until its end is known here. */
const SLACK_MS = 60_000

/** The feed as this process serves it. */
export function openFeed(env: Settings, refresh: FeedRefresh): FeedParts {
  const cache = new FeedCache(env.FEED_DIR)
  const watch = new RefreshWatch({ cache, refresh, limitMs: env.FEED_SYNC_LIMIT_MS + SLACK_MS })
  return { cache, refresh, watch, keyHashes: env.FEED_API_KEY_HASHES, streams: new FeedStreams() }
}
