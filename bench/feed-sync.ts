import { mkdtempSync, rmSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { EXIT, KitError } from '../scripts/errors.ts'
import { startFeedServices } from '../tests/integration/feed/source.fixture.ts'
import { ordersTable } from '../tests/integration/feed/tables.ts'
import type { Sync } from './feed/sync-once.ts'
import { measure } from './program.ts'

/** What Compose gives the workers by default. */
const WORKER_MB = 512

/** As in images/app/Dockerfile. */
const ALLOCATOR = {
  MALLOC_ARENA_MAX: '2',
  MALLOC_MMAP_THRESHOLD_: '131072',
  MALLOC_TRIM_THRESHOLD_: '131072',
}

await measure({
  name: 'feed-sync',
  about: `Measures how fast the data feed is filled from phpMyAdmin and how much memory that takes: login, export as CSV,
conversion to JSON, the three encodings on disk and the swap, for tables of several sizes. Each sync runs in a process
of its own, with the heap and the memory settings of one of two worker processes in a container of ${WORKER_MB} MB; its
peak is the resident set as the kernel saw it, Node itself included ("at rest": before the sync).

Uses a real phpMyAdmin and MariaDB in containers of its own, the data in memory; no stack needs to run. They take their
part of the same processors. The feed is written to the folder for temporary files: 1.3 GB for a million rows.`,
  flags: {
    sizes: { default: '10000,100000,1000000', help: 'rows of the tables, by commas' },
    rounds: { default: 3, most: 100, help: 'how often each table is synced' },
  },
  async run({ runner, results, atEnd, say }, { sizes, rounds }) {
    const tables = parseSizes(sizes)
    const folder = mkdtempSync(join(tmpdir(), 'ecomweb-bench-feed-'))
    atEnd(async () => rmSync(folder, { recursive: true, force: true }))
    const services = await startFeedServices(`ecw-data-${process.pid}`)
    atEnd(services.stop)
    const syncTable = async (table: string): Promise<Sync> => {
      const settings = {
        FEED_SOURCE_URL: services.url,
        FEED_SOURCE_USER: services.user,
        FEED_SOURCE_PASSWORD: services.password,
        FEED_SOURCE_DATABASE: 'shop',
        FEED_SOURCE_TABLE: table,
      }
      const { stdout } = await runner.run({
        file: process.execPath,
        args: [...workerHeap(), join(import.meta.dirname, 'feed/sync-once.ts'), folder],
        env: { ...ALLOCATOR, FEED_SOURCE: JSON.stringify(settings) },
      })
      return JSON.parse(stdout) as Sync
    }
    for (const rows of tables) {
      const name = `${rows} rows`
      if (results.count(`${name}: total`) >= rounds) continue
      say(`making a table of ${name}`)
      await services.sql(ordersTable('orders', rows))
      while (results.count(`${name}: total`) < rounds) {
        const { ms, exportMs, cpuMs, bytes, restMiB, exportPeakMiB, peakMiB } = await syncTable('orders')
        results.add('rows/s', { [`${name}: speed`]: rows / (ms / 1000) })
        results.add('s', { [`${name}: export and conversion`]: exportMs / 1000 })
        results.add('s', { [`${name}: processor time`]: cpuMs / 1000 })
        results.add('MiB', {
          'memory at rest': restMiB,
          [`${name}: peak memory of export and conversion`]: exportPeakMiB,
          [`${name}: peak memory`]: peakMiB,
        })
        results.add('MB', { [`${name}: JSON`]: bytes / 1e6 })
        // Last: a run that was cut before it does the round again.
        results.add('s', { [`${name}: total`]: ms / 1000 })
        say(`${name}: ${results.count(`${name}: total`)} of ${rounds} rounds`)
      }
      await services.sql('DROP TABLE orders')
    }
    results.facts.source = (await services.sql('SELECT VERSION()'))[0]?.[0] ?? 'unknown'
  },
})

/** Node's arguments in such a container. */
function workerHeap(): string[] {
  process.env.MEMORY_LIMIT_MB = String(WORKER_MB)
  const { apps } = createRequire(import.meta.url)('../volumes/backend-api/pm2.js')
  return apps({ name: 'worker', instances: 2 })[0].node_args
}

function parseSizes(sizes: string): number[] {
  const rows = sizes.split(',').map(Number)
  if (rows.every((one) => Number.isInteger(one) && one >= 1)) return rows
  throw new KitError(`--sizes must be whole numbers with commas between, not "${sizes}"`, {
    next: 'node bench/feed-sync.ts --help',
    code: EXIT.usage,
  })
}
