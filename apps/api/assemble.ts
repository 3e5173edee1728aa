import { readFileSync } from 'node:fs'
import { CATALOGUE_VERSION } from '../core/catalogue-cache.ts'
import { openDatabase } from '../core/database.ts'
import { describeDatabaseError } from '../core/database-error.ts'
import type { Env } from '../core/env.ts'
import { fromSource } from '../core/feed/from-source.ts'
import { feedRuns, thisProcess } from '../core/feed/runs.ts'
import { openFeedRefresh } from '../core/feed/trigger.ts'
import type { Log } from '../core/log.ts'
import { describeMigrations, migrationState } from '../core/migrations.ts'
import { newestEventId, readEvents, wakeReaders } from '../core/outbox.ts'
import { openListener, openRedis } from '../core/redis.ts'
import { watchKey } from '../core/redis-watch.ts'
import { openAccounts } from './accounts.ts'
import type { AppParts } from './app.ts'
import { countReady } from './control.ts'
import { Feed } from './events/feed.ts'
import { EventHub } from './events/hub.ts'
import { wakeOnNews } from './events/wake-ups.ts'
import { openFeed } from './feed/open.ts'
import { serviceCheck } from './health/services.ts'
import { productImports } from './imports/service.ts'
import type { Order } from './orders/order.ts'
import { orderRepository } from './orders/repository.ts'
import { orderService } from './orders/service.ts'
import { productCache } from './products/cache.ts'
import { catalogueEditor } from './products/editor.ts'
import { productRepository } from './products/repository.ts'
import { productService } from './products/service.ts'
import { type FirstContact, Readiness } from './readiness.ts'
import { askReports } from './reports-proxy/health.ts'
import { REPORTS_LIMIT_MS } from './reports-proxy/routes.ts'
import { surfaceOf } from './surface.ts'
import { UploadStore } from './uploads/store.ts'
import { temporalDriver, WorkflowStarter } from './workflows.ts'

export type Assembly = {
  app: AppParts
  /** Resolves when every dependency was there once. */
  firstContacts: () => Promise<void>
  closers: (() => unknown)[]
}

/** Puts the real parts together. Nothing here waits: connections come up by themselves. */
export function assemble(env: Env, log: Log): Assembly {
  const database = openDatabase(env, log)
  const redis = openRedis(env, log)
  const wakeUps = openRedis(env)
  const changes = openListener(env)
  const workflows = new WorkflowStarter(temporalDriver(env), log)
  const readiness = new Readiness(log)
  const accounts = openAccounts(env, { database, redis, log })

  const source = {
    read: (after: bigint, limit: number) => readEvents(database, after, limit),
    newest: () => newestEventId(database),
  }
  const feed = new Feed(source, {
    onLost: (error) => log.warn({ err: error }, 'events wait for the database'),
  })
  wakeOnNews(feed, wakeUps)

  const uploads = new UploadStore(env.UPLOADS_DIR)
  const cache = productCache(redis, Date.now, watchKey(changes, CATALOGUE_VERSION))
  const products = productService(productRepository(database), cache)
  const catalogue = catalogueEditor(database, () =>
    Promise.all([products.stockChanged(), wakeReaders(redis)]),
  )
  const announce = (order: Order) => {
    void wakeReaders(redis)
    // A probe moves no stock, and must not empty the cache that users read from.
    if (!order.probe) void products.stockChanged()
  }
  const orders = orderService(orderRepository(database), {
    placed: (order) => {
      announce(order)
      workflows.start(order.id)
    },
    takenBack: (order, by) => {
      announce(order)
      // A probe has paid nothing, and nobody waits for news of it.
      if (!order.probe) workflows.takeBack(order.id, by)
    },
    progress: (id) => workflows.progress(id),
  })

  const runs = feedRuns(database, thisProcess(env))
  const refresh = openFeedRefresh(env, { runs, sync: fromSource(env), log })

  const contacts: FirstContact[] = [
    {
      name: 'PostgreSQL',
      check: async () => {
        const state = await migrationState(database).catch((error) => {
          throw new Error(describeDatabaseError(error, env.DATABASE_URL))
        })
        readiness.migrations = { expected: state.expected, applied: state.applied }
        const missing = describeMigrations(state)
        if (missing) throw new Error(missing)
      },
    },
    { name: 'Redis', check: async () => void (await redis.ping()) },
    // Orders are taken while it is away, and the worker's sweeper starts their workflows when it is back.
    { name: 'Temporal', check: () => workflows.look(), needed: false },
  ]
  // Only where PM2 starts it: ecosystem.api.config.js.
  if (env.REPORTS_ENTRY) contacts.push({ name: 'reports', check: () => askReports(env.REPORTS_BACKEND_URL) })

  return {
    app: {
      log,
      tokens: accounts.tokens,
      health: {
        readiness,
        services: serviceCheck({
          database: () => database.$queryRaw`SELECT 1`,
          redis: () => redis.ping(),
          temporal: () => workflows.ping(),
          reports: () => askReports(env.REPORTS_BACKEND_URL),
        }),
        readyWorkers: () => countReady(env.CONTROL_DIR),
        about: {
          environment: env.ENVIRONMENT,
          version: version(),
          colour: env.ECOMWEB_COLOUR,
          image: env.ECOMWEB_IMAGE,
          worker: env.NODE_APP_INSTANCE,
          workers: env.WEB_CONCURRENCY,
        },
      },
      accounts,
      products,
      catalogue,
      orders,
      events: new EventHub(feed),
      uploads,
      feed: openFeed(env, refresh),
      reports: { url: env.REPORTS_BACKEND_URL, limitMs: REPORTS_LIMIT_MS },
      imports: productImports(database, env.UPLOADS_DIR),
      surface: surfaceOf(env),
    },
    firstContacts: () => {
      uploads.tidy().catch((error) => log.warn({ err: error }, 'the upload folder cannot be tidied'))
      return readiness.await(contacts, env.READY_INTERVAL_MS)
    },
    closers: [
      // A refresh in this process had the time that the last requests took; it needs the database to note its end.
      () => refresh.close(),
      () => workflows.close(),
      () => database.$disconnect(),
      () => {
        for (const connection of [redis, wakeUps, changes]) connection.disconnect()
      },
    ],
  }
}

function version(): string {
  return JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')).version
}
