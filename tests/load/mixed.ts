import { setMaxListeners } from 'node:events'
import type { Access } from './access.ts'
import { auditEvents, auditOrders } from './audit.ts'
import { eventStreams } from './event-streams.ts'
import { keepAlive } from './keep-alive.ts'
import { apiLedger, type Ledger } from './ledger.ts'
import { lookUps } from './look-ups.ts'
import { newConnection } from './new-connection.ts'
import { type Acknowledged, orders } from './orders.ts'
import { type LoadClass, Recorder } from './recorder.ts'
import { type Report, summarise } from './report.ts'
import { slow } from './slow.ts'
import type { Crowd, Streams, Target } from './target.ts'
import type { Trail } from './trail.ts'
import { type Uploaders, uploads } from './uploads.ts'
import { webSockets } from './websockets.ts'

/** How much of each class takes part; zero workers or clients leave a class out. */
export type Mix = {
  keepAlive: Crowd
  newConnection: Crowd
  orders: Crowd
  lookUps: Crowd
  slow: Crowd
  uploads: Uploaders
  eventStreams: Streams
  webSockets: Streams
}

/**
 * About 200 requests a second: dense enough around a switch, and two cores still have room for the stack. There
 * are more clients than the rate needs, so that it holds while answers are slow.
 */
export const DEFAULT_MIX: Mix = {
  keepAlive: { workers: 24, perSecond: 150 },
  newConnection: { workers: 12, perSecond: 65 },
  orders: { workers: 2, perSecond: 4 },
  lookUps: { workers: 0, perSecond: 0 },
  slow: { workers: 4, perSecond: 4 },
  uploads: { clients: 12, takesMs: 4000 },
  eventStreams: { clients: 10, lifeMs: 3000 },
  webSockets: { clients: 10, lifeMs: 3000 },
}

const CLASS_OF: Record<keyof Mix, LoadClass> = {
  keepAlive: 'keep-alive',
  newConnection: 'new-connection',
  orders: 'order',
  lookUps: 'look-up',
  slow: 'slow',
  uploads: 'upload',
  eventStreams: 'event-stream',
  webSockets: 'websocket',
}

/** The classes that take part in a mix; what it does not name is as in the default mix. */
export function classesOf(mix: Partial<Mix>): LoadClass[] {
  const whole = { ...DEFAULT_MIX, ...mix }
  return (Object.keys(CLASS_OF) as (keyof Mix)[])
    .filter((part) => Object.values(whole[part]).every((size: number) => size > 0))
    .map((part) => CLASS_OF[part])
}

export type LoadOptions = {
  url: string
  /** How its clients are let in; an administrator's token shows its streams all events. */
  access?: Access
  mix?: Partial<Mix>
  /** The load stops by itself after this time, whatever its caller does. */
  maxSeconds?: number
  /** Where the truth about orders and events is read afterwards; the public API by default. */
  ledger?: Ledger
  recorder?: Recorder
}

export type RunningLoad = {
  recorder: Recorder
  /** Ends the load softly (running requests finish), audits orders and events, and reports. */
  stop(): Promise<Report>
}

/** Starts every class of the mix against one base URL. */
export function startLoad(options: LoadOptions): RunningLoad {
  const { recorder = new Recorder(), maxSeconds = 600, access = {} } = options
  const mix = { ...DEFAULT_MIX, ...options.mix }
  const url = new URL(options.url)
  const ledger = options.ledger ?? apiLedger(url, access)
  const stopping = new AbortController()
  setMaxListeners(0, stopping.signal) // every client listens; Node takes more than ten for a leak
  const limit = setTimeout(() => stopping.abort(), maxSeconds * 1000)
  const run = `load-${Date.now().toString(36)}-${Math.random().toString(36).slice(2, 8)}`
  const target: Target = { url, access, recorder, stop: stopping.signal, run }
  const acknowledged: Acknowledged[] = []
  const trails: Trail[] = []
  const started = performance.now()
  const clients = Promise.all([
    keepAlive(target, mix.keepAlive),
    newConnection(target, mix.newConnection),
    mix.orders.workers > 0 && orders(target, mix.orders, acknowledged),
    lookUps(target, mix.lookUps, acknowledged),
    slow(target, mix.slow),
    uploads(target, mix.uploads),
    eventStreams(target, mix.eventStreams, trails),
    webSockets(target, mix.webSockets, trails),
  ])
  // Whoever stops the load learns why a client could not even start; until then it is no unhandled rejection.
  clients.catch(() => stopping.abort())
  return {
    recorder,
    async stop() {
      stopping.abort()
      clearTimeout(limit)
      await clients
      const seconds = (performance.now() - started) / 1000
      return summarise(recorder, {
        url: options.url,
        seconds,
        orders: await auditOrders(ledger, run, acknowledged),
        events: await auditEvents(ledger, trails, access.token ? 'everything' : 'stock'),
      })
    },
  }
}
