import { createHash } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { writeVersion } from '../apps/core/feed/writer.ts'
import { percentile } from './feed/client.ts'
import { orderRecords } from './feed/records.ts'
import { type Asking, askAgain, download, Served } from './feed/served.ts'
import { measure } from './program.ts'

const KEY = 'of-this-measurement'

await measure({
  name: 'feed-cpu',
  about: `Measures the processor time of one API process for the answers of the data feed, in alternating rounds: 304,
/status and a range of one byte, beside /health and beside a server of Node's that does nothing but answer 304; and how
much of it one turn of the event loop takes at most while fast and slow clients download, which is how long others wait
for that process itself.

The application is the real one, what it talks to is replaced; no stack and no container is needed. It is processor
time, so a busy machine makes it larger, but not by what others wait for.`,
  flags: {
    rounds: { default: 5, most: 100, help: 'rounds of all' },
    requests: { default: 2000, most: 100_000, help: 'requests of each kind in a round' },
    clients: { default: 50, most: 200, help: 'clients that download fast, and as many slowly' },
    records: { default: 60_000, most: 2_000_000, help: 'orders' },
  },
  async run({ results, atEnd, say, signal }, { rounds, requests, clients, records }) {
    const dir = mkdtempSync(join(tmpdir(), 'ecomweb-bench-feed-'))
    atEnd(async () => rmSync(dir, { recursive: true, force: true }))
    const { id } = await writeVersion(dir, orderRecords(records), { now: () => new Date(), signal })
    const served = await Served.start(dir, createHash('sha256').update(KEY).digest('hex'))
    atEnd(async () => served.stop())
    const { app, bare } = served.ports
    const headers = { 'x-api-key': KEY, 'accept-encoding': 'identity' }
    const whole: Asking = { port: app, path: '/fetch-data', headers, status: 200 }
    const kinds: Record<string, Asking> = {
      'bare 304': { ...whole, port: bare, status: 304 },
      '/health': { ...whole, path: '/health' },
      '304': { ...whole, headers: { ...headers, 'if-none-match': `"${id}-identity"` }, status: 304 },
      '/status': { ...whole, path: '/status' },
      'one byte': { ...whole, headers: { ...headers, range: 'bytes=0-0' }, status: 206 },
    }
    for (const asking of Object.values(kinds)) await askAgain(asking, 500)
    const last = 'a turn of the event loop while they download, p99'
    while (results.count(last) < rounds) {
      const turn = results.count(last) % 2 === 0
      const us: Record<string, number> = {}
      for (const [name, asking] of turn ? Object.entries(kinds) : Object.entries(kinds).toReversed()) {
        const { cpuMs } = await served.during(() => askAgain(asking, requests))
        us[`${name}: CPU per request`] = (cpuMs * 1000) / requests
      }
      results.add('us', us)
      const ratio = (other: string) =>
        (us['304: CPU per request'] ?? 0) / (us[`${other}: CPU per request`] ?? Number.NaN)
      results.add('', { '304 / bare 304': ratio('bare 304'), '304 / health': ratio('/health') })
      const { turnsMs } = await served.during(() => download(whole, clients))
      results.add('ms', {
        'a turn of the event loop while they download, longest': percentile(turnsMs, 1),
        [last]: percentile(turnsMs, 0.99),
      })
      say(`${results.count(last)} of ${rounds} rounds`)
    }
  },
})
