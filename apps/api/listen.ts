import { createServer } from 'node:http'
import { readEnvOrExit } from '../core/env.ts'
import { openLog } from '../core/log.ts'
import { buildApp } from './app.ts'
import { assemble } from './assemble.ts'
import { openControl } from './control.ts'
import { altogether } from './events/drain.ts'
import { acceptWebSockets } from './events/upgrade.ts'
import { gracefulShutdown } from './shutdown.ts'

/** An API process: listens at once, gets ready in the background, leaves softly. */
const env = readEnvOrExit()
const log = openLog(env)
const parts = assemble(env, log)
const server = createServer(buildApp(parts.app))

// HAProxy keeps idle connections for less than this, so it is never this side that closes first.
server.keepAliveTimeout = env.APP_KEEP_ALIVE_MS
server.headersTimeout = env.APP_KEEP_ALIVE_MS + 5000
// Uploads take as long as they take; silence is limited where they are read.
server.requestTimeout = 0

acceptWebSockets(server, parts.app.events, log, parts.app.tokens)
const streams = [parts.app.events, parts.app.feed.streams]
const control = await openControl(env.CONTROL_DIR, async (windowMs) =>
  altogether(await Promise.all(streams.map((kind) => kind.drain(windowMs)))),
)

const stop = gracefulShutdown({
  server,
  log,
  drain: () => {
    parts.app.health.readiness.drain()
    control.markUnready()
  },
  endStreams: () => Promise.all(streams.map((kind) => kind.close(1000))),
  closers: [...parts.closers, () => control.close()],
  exit: (code) => process.exit(code),
  limitMs: env.APP_DRAIN_LIMIT_MS,
})
process.on('SIGINT', () => stop('SIGINT'))
process.on('SIGTERM', () => stop('SIGTERM'))
process.on('message', (message) => {
  if (message === 'shutdown') stop('message from PM2')
})

// A defect in one place should not cut off everybody else's requests: finish them, then start afresh.
for (const event of ['uncaughtException', 'unhandledRejection'] as const) {
  process.on(event, (error) => {
    log.fatal({ err: error }, `${event}: this process drains and is replaced`)
    void stop(event, 1)
  })
}

server.on('error', (error) => {
  log.fatal({ err: error }, `cannot listen on port ${env.PORT}`)
  process.exit(1)
})
server.listen(env.PORT, () => {
  log.info({ port: env.PORT, ms: Math.round(performance.now()) }, 'listening')
  parts.firstContacts().then(() => {
    if (parts.app.health.readiness.ready) control.markReady()
  })
})
