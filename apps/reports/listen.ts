import { createServer } from 'node:http'
import { gracefulShutdown, stopOnSignals } from '../api/shutdown.ts'
import { readEnvOrExit } from '../core/env.ts'
import { openLog } from '../core/log.ts'
import { addressOf } from './address.ts'
import { buildReports } from './app.ts'
import { assemble } from './assemble.ts'

/** The reports backend: listens on the loopback interface at once, whether or not its database is there. */
const env = readEnvOrExit()
const log = openLog(env).child({ process: 'reports' })
const { parts, closers } = assemble(env, log)
const server = createServer(buildReports(parts))
server.keepAliveTimeout = env.APP_KEEP_ALIVE_MS
server.headersTimeout = env.APP_KEEP_ALIVE_MS + 5000

const stop = gracefulShutdown({
  server,
  log,
  drain: () => {},
  endStreams: async () => {},
  closers,
  exit: (code) => process.exit(code),
  limitMs: env.APP_DRAIN_LIMIT_MS,
})
stopOnSignals(stop, log)

const address = addressOf(env.REPORTS_BACKEND_URL)
server.on('error', (error) => {
  log.fatal({ err: error }, `cannot listen on ${env.REPORTS_BACKEND_URL}`)
  process.exit(1)
})
server.listen(address, () => {
  log.info({ ...address, ms: Math.round(performance.now()) }, 'listening')
  process.send?.('ready')
})
