import type { Server, ServerResponse } from 'node:http'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Log } from '../core/log.ts'

export type ShutdownParts = {
  server: Server
  log: Log
  /** Turns readiness off. */
  drain: () => void
  /** Ends event streams and WebSockets softly. */
  endStreams: () => Promise<unknown>
  /** Closes what requests use, in this order; called when there are no requests any more. */
  closers: (() => unknown)[]
  exit: (code: number) => void
  /** Longest request < this < PM2's kill_timeout < Compose's stop_grace_period. */
  limitMs: number
}

/**
 * Stops a server without losing a request. Returns the function that does it; calling that again changes nothing,
 * since PM2 and a terminal may both send the signal.
 */
export function gracefulShutdown(parts: ShutdownParts): (why: string, code?: number) => Promise<void> {
  const lastWords = announceClosing(parts.server)
  let stopping: Promise<void> | undefined
  return (why, code = 0) => {
    stopping ??= stop(parts, lastWords, why, code)
    return stopping
  }
}

/** Stops at the signals of PM2 and of a terminal, and after a defect, since others' requests can still be finished. */
export function stopOnSignals(stop: ReturnType<typeof gracefulShutdown>, log: Log): void {
  process.on('SIGINT', () => stop('SIGINT'))
  process.on('SIGTERM', () => stop('SIGTERM'))
  process.on('message', (message) => {
    if (message === 'shutdown') stop('message from PM2')
  })
  for (const event of ['uncaughtException', 'unhandledRejection'] as const) {
    process.on(event, (error) => {
      log.fatal({ err: error }, `${event}: this process drains and is replaced`)
      void stop(event, 1)
    })
  }
}

async function stop(parts: ShutdownParts, lastWords: () => void, why: string, code: number): Promise<void> {
  const { server, log, drain, endStreams, closers, exit, limitMs } = parts
  const began = Date.now()
  log.info({ why }, 'draining')
  const limit = setTimeout(() => {
    log.error({ limitMs }, 'requests were still running at the limit: they are cut off')
    exit(1)
  }, limitMs)
  drain()
  lastWords()
  const closed = new Promise<void>((resolve) => server.close(() => resolve()))
  // A connection whose last answer was already under way knows nothing of the end: it is closed once it is idle.
  const sweep = setInterval(() => server.closeIdleConnections(), 100)
  await Promise.all([closed, endStreams()])
  clearInterval(sweep)
  for (const close of closers) {
    await Promise.race([Promise.resolve().then(close), sleep(3000, undefined, { ref: false })]).catch(
      (error) => log.warn({ err: error }, 'closing failed'),
    )
  }
  clearTimeout(limit)
  log.info({ ms: Date.now() - began }, 'drained')
  exit(code)
}

/**
 * Keeps track of unfinished responses. The returned function makes these, and all later ones, say
 * `Connection: close`, so that nobody sends another request down a connection that is about to end.
 */
function announceClosing(server: Server): () => void {
  const unfinished = new Set<ServerResponse>()
  let closing = false
  const announce = (response: ServerResponse) => {
    if (!response.headersSent) response.setHeader('Connection', 'close')
  }
  server.prependListener('request', (_request, response) => {
    if (closing) announce(response)
    unfinished.add(response)
    response.once('close', () => unfinished.delete(response))
  })
  return () => {
    closing = true
    for (const response of unfinished) announce(response)
  }
}
