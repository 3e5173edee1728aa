import type { Env } from '../env.ts'
import { FeedError } from './feed-error.ts'
import type { Sync } from './refresh.ts'

type Settings = Pick<
  Env,
  | 'FEED_DIR'
  | 'FEED_SOURCE_URL'
  | 'FEED_SOURCE_USER'
  | 'FEED_SOURCE_PASSWORD'
  | 'FEED_SOURCE_DATABASE'
  | 'FEED_SOURCE_TABLE'
>

/** The sync of this environment. Without a source every refresh fails, and its failure says what to set. */
export function fromSource(env: Settings): Sync {
  return async ({ signal, onProgress, publish }) => {
    if (!env.FEED_SOURCE_URL) throw new FeedError('no source is configured: set FEED_SOURCE_URL')
    // Parsers of HTML, cookies and CSV: loaded where a refresh runs, which most processes never do.
    const [{ openSource }, { syncFeed }, { writeVersion }] = await Promise.all([
      import('./source.ts'),
      import('./sync.ts'),
      import('./writer.ts'),
    ])
    return syncFeed({
      ...{ source: openSource(env), dir: env.FEED_DIR, now: () => new Date(), signal, onProgress },
      write: (dir, rows, options) => writeVersion(dir, rows, { ...options, publish }),
    })
  }
}
