import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { openFeed } from '../../apps/api/feed/open.ts'
import { openLog } from '../../apps/core/log.ts'
import { startApp } from '../../tests/unit/apps/api/app.fixture.ts'
import { FakeRefresh } from '../../tests/unit/apps/api/feed/refresh.fixture.ts'
import type { Figures, Ports } from './served.ts'

/**
 * A process with the API's application over the feed of a folder, and a server that does nothing but answer 304. Told
 * 'begin' it counts anew, told 'figures' it says what it took since then.
 */
const [dir = '', hash = ''] = process.argv.slice(2)
const env = { FEED_DIR: dir, FEED_API_KEY_HASHES: [hash], FEED_SYNC_LIMIT_MS: 60_000 }
const app = await startApp({ log: openLog({ LOG_LEVEL: 'info' }), feed: openFeed(env, new FakeRefresh()) })
const bare = createServer((_request, response) => {
  response.statusCode = 304
  response.setHeader('ETag', '"the-same"')
  response.end()
}).listen(0, '127.0.0.1')
await new Promise((resolve) => bare.once('listening', resolve))

let began = process.cpuUsage()
let turns: number[] = []

/** Every few milliseconds the processor time of one turn of the event loop: what lies between two immediates. */
function sample(): void {
  setImmediate(() => {
    const start = process.threadCpuUsage()
    setImmediate(() => {
      const { user, system } = process.threadCpuUsage(start)
      turns.push((user + system) / 1000)
      setTimeout(sample, 3)
    })
  })
}
sample()

process.on('message', (asked: 'begin' | 'figures') => {
  if (asked === 'begin') {
    turns = []
    began = process.cpuUsage()
    return void process.send?.('begun')
  }
  const { user, system } = process.cpuUsage(began)
  process.send?.({ cpuMs: (user + system) / 1000, turnsMs: turns } satisfies Figures)
})
process.on('disconnect', () => process.exit())

const portOf = (server: Server) => (server.address() as AddressInfo).port
process.send?.({ app: portOf(app.server), bare: portOf(bare) } satisfies Ports)
