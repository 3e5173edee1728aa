/**
 * A process that refreshes the data feed, for tests that kill or stop it: forked with DATABASE_URL and the file that
 * stands for the cache. Its parent lets the sync go on by a message, and hears of each step by one.
 */
import { renameSync, writeFileSync } from 'node:fs'
import { openDatabase } from '../../../apps/core/database.ts'
import { type RefreshResult, refreshFeed, type Sync } from '../../../apps/core/feed/refresh.ts'
import { feedRuns } from '../../../apps/core/feed/runs.ts'

/** What the parent hears, in this order. */
export type News = 'syncing' | 'swapping' | RefreshResult

const [url = '', cache = ''] = process.argv.slice(2)
const database = openDatabase({ DATABASE_URL: url, DATABASE_POOL: 3 })
const tell = (news: News) => process.send?.(news)
const told = () => new Promise((resolve) => process.once('message', resolve))

/** Waits for its parent before it publishes, and again while it holds the claim. */
const sync: Sync = async ({ onProgress, publish }) => {
  onProgress({ phase: 'exporting', rows: 7, rowsExpected: 10, bytes: 700 })
  tell('syncing')
  await told()
  return publish(async () => {
    tell('swapping')
    await told()
    writeFileSync(`${cache}.new`, `by ${process.pid}`)
    renameSync(`${cache}.new`, cache)
    return { count: 10, bytes: 1000 }
  })
}

const result = await refreshFeed({
  ...{ runs: feedRuns(database, `runner ${process.pid}`), sync, trigger: 'request', limitMs: 60_000 },
  signal: new AbortController().signal,
  log: { info: () => {}, warn: () => {} },
  beatMs: 50,
})
tell(result)
await database.$disconnect()
process.disconnect()
