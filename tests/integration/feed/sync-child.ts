import { readMeta } from '../../../apps/core/feed/cache.ts'
import { openSource } from '../../../apps/core/feed/source.ts'
import { syncFeed } from '../../../apps/core/feed/sync.ts'

/**
 * Syncs the tables of the argument list one after the other and prints what each came to, with the cache's id
 * afterwards: for what has to happen in a process and on a disk of its own.
 */
const [given = '{}', dir = '', ...tables] = process.argv.slice(2)
for (const table of tables) {
  const source = openSource({ ...JSON.parse(given), FEED_SOURCE_TABLE: table })
  const parts = {
    source,
    dir,
    now: () => new Date(),
    signal: AbortSignal.timeout(60_000),
    onProgress: () => {},
  }
  const outcome = await syncFeed(parts).then(
    () => 'done',
    (error: Error) => `${error.name}: ${error.message}`,
  )
  console.log(JSON.stringify({ table, outcome, current: (await readMeta(dir))?.id }))
}
