import { openSource } from '../../apps/core/feed/source.ts'
import { syncFeed } from '../../apps/core/feed/sync.ts'

/** What one sync in a process of its own took; `restMiB` is the process before it. */
export type Sync = {
  rows: number
  bytes: number
  ms: number
  /** Until the last row was written; the rest is compressing. */
  exportMs: number
  /** The peak until then. */
  exportPeakMiB: number
  cpuMs: number
  restMiB: number
  peakMiB: number
}

const [dir = ''] = process.argv.slice(2)
const source = openSource(JSON.parse(process.env.FEED_SOURCE ?? '{}'))
const restMiB = process.memoryUsage.rss() / 2 ** 20
const started = performance.now()
let exportMs = 0
let exportPeakMiB = 0
const peakMiB = () => process.resourceUsage().maxRSS / 1024
const meta = await syncFeed({
  source,
  dir,
  now: () => new Date(),
  signal: AbortSignal.timeout(3_600_000),
  onProgress: ({ phase }) => {
    if (phase !== 'compressing') return
    exportMs = performance.now() - started
    exportPeakMiB = peakMiB()
  },
})
const ms = performance.now() - started
const { userCPUTime, systemCPUTime } = process.resourceUsage()
const found: Sync = {
  ...{ rows: meta.count, bytes: meta.bytes, ms, cpuMs: (userCPUTime + systemCPUTime) / 1000, exportMs },
  ...{ restMiB, exportPeakMiB, peakMiB: peakMiB() },
}
console.log(JSON.stringify(found))
