import type { Client } from '@temporalio/client'
import { outdateCatalogue } from '../core/catalogue-cache.ts'
import type { Database } from '../core/database.ts'
import type { Env } from '../core/env.ts'
import { fromSource } from '../core/feed/from-source.ts'
import { feedRuns, thisProcess } from '../core/feed/runs.ts'
import type { Log } from '../core/log.ts'
import { wakeReaders } from '../core/outbox.ts'
import type { Redis } from '../core/redis.ts'
import { versionOf } from '../core/worker-version.ts'
import { createActivities } from './activities.ts'
import { Leadership } from './alerts/leader.ts'
import { backlog, failedWorkflows, stuckOrders, undeliverableMails } from './alerts/readings.ts'
import { AlertWatch } from './alerts/watch.ts'
import { tellByWebhook } from './alerts/webhook.ts'
import { cleanUpActivities } from './clean-up/activities.ts'
import { CLEAN_UP_WORKFLOW, DutySweeper, IMPORT_WORKFLOW, PICTURE_WORKFLOW, startOnce } from './duties.ts'
import { feedActivities } from './feed-activities.ts'
import { type HttpClient, httpClient } from './http/client.ts'
import { MailDelivery } from './mail/delivery.ts'
import { mailOutbox } from './mail/outbox.ts'
import { addressOf, smtpSender } from './mail/smtp.ts'
import { localMails } from './mails.ts'
import { orderWebhookActivities } from './order-webhook/activities.ts'
import { startOrderWebhook } from './order-webhook/start.ts'
import { localPayments } from './payments.ts'
import { pictureActivities } from './pictures/activities.ts'
import { missingPictures } from './pictures/missing.ts'
import { importActivities } from './product-import/activities.ts'
import { openImports } from './product-import/store.ts'
import { gateActivities } from './release-gate/activities.ts'

const DELIVER_MS = 2000
const SOON_MS = 3000
const LATER_MS = 30_000
const WATCH_MS = 60_000

type Connections = { database: Database; redis: Redis; client: Client; log: Log }

/** What a worker does: the activities that Temporal asks for, and what it looks for by itself. */
export type Background = {
  activities: ReturnType<typeof openActivities>
  /** Begins to look. */
  start(): void
  /** Ends looking and resolves when nothing of it is under way. */
  stop(): Promise<void>
}

export function openBackground(env: Env, connections: Connections): Background {
  const { database, client, log } = connections
  const http = httpClient({ log })
  const delivery = openDelivery(env, database, log)
  const duties = openDuties(env, connections)
  const leadership = new Leadership(env.DATABASE_URL, log)
  const watch = openWatch(env, { database, client, log, http, leadership, mails: delivery !== undefined })
  let timers: NodeJS.Timeout[] = []
  /** Those of many processes come apart by themselves. */
  const every = (ms: number, look: () => unknown) => setInterval(look, ms * (0.8 + 0.4 * Math.random()))
  return {
    activities: openActivities(env, connections, http),
    start() {
      timers = [
        every(SOON_MS, () => duties.soon.sweep()),
        every(LATER_MS, () => duties.later.sweep()),
        every(WATCH_MS, () => watch.look()),
      ]
      if (delivery) timers.push(every(DELIVER_MS, () => delivery.deliver()))
    },
    async stop() {
      for (const timer of timers) clearInterval(timer)
      await delivery?.stop()
      await leadership.release()
      http.close()
    },
  }
}

function openActivities(env: Env, { database, redis, client, log }: Connections, http: HttpClient) {
  const receiver = receiverOf(env, env.ORDER_WEBHOOK_URL)
  const stockChanged = () => outdateCatalogue(redis).catch(() => {})
  return {
    ...createActivities({
      ...{ database, redis, stockChanged },
      payments: localPayments(database),
      mails: localMails(database),
      announce: receiver && ((orderId) => startOrderWebhook(client, orderId, versionOf(env))),
    }),
    ...orderWebhookActivities({ database, http, receiver }),
    ...pictureActivities(env.UPLOADS_DIR),
    ...importActivities({
      ...{ database, uploads: env.UPLOADS_DIR },
      changed: async () => void (await Promise.all([stockChanged(), wakeReaders(redis)])),
    }),
    ...cleanUpActivities({
      ...{ database, uploads: env.UPLOADS_DIR, log },
      keepUploadsDays: env.UPLOADS_KEEP_DAYS,
    }),
    ...gateActivities(database, env.TEMPORAL_WORKER_BUILD_ID),
    ...feedActivities({
      runs: feedRuns(database, thisProcess(env)),
      sync: fromSource(env),
      ...{ limitMs: env.FEED_SYNC_LIMIT_MS, log },
    }),
  }
}

/** What people wait for, and what has time. */
function openDuties(
  env: Env,
  { database, client, log }: Connections,
): { soon: DutySweeper; later: DutySweeper } {
  const soon = [
    {
      name: 'imports of products',
      find: () => openImports(database),
      start: startOnce(client, IMPORT_WORKFLOW, 'product-import', true),
    },
  ]
  const later = [
    {
      name: 'pictures without sizes',
      find: missingPictures(database, env.UPLOADS_DIR),
      start: startOnce(client, PICTURE_WORKFLOW, 'picture'),
    },
    {
      name: 'clean-up of the day',
      find: async () => [new Date().toISOString().slice(0, 10)],
      start: startOnce(client, CLEAN_UP_WORKFLOW, 'clean-up'),
    },
  ]
  return { soon: new DutySweeper(soon, log), later: new DutySweeper(later, log) }
}

type Watched = Omit<Connections, 'redis'> & { http: HttpClient; leadership: Leadership; mails: boolean }

function openWatch(env: Env, { database, client, log, http, leadership, mails }: Watched): AlertWatch {
  const receiver = receiverOf(env, env.ALERT_WEBHOOK_URL)
  return new AlertWatch({
    sources: [
      ...[failedWorkflows(client), backlog(client, env.TEMPORAL_NAMESPACE), stuckOrders(database)],
      ...(mails ? [undeliverableMails(database)] : []),
    ],
    leads: () => leadership.leads(),
    tell: receiver && tellByWebhook(http, receiver, env.APP_URL),
    log,
  })
}

/** Without a mail server, mails stay in the database. */
function openDelivery(env: Env, database: Database, log: Log): MailDelivery | undefined {
  const { SMTP_URL, MAIL_FROM, APP_URL } = env
  if (!SMTP_URL || !MAIL_FROM) return undefined
  return new MailDelivery({
    outboxes: [mailOutbox(database, 'mails'), mailOutbox(database, 'outgoing_mails')],
    send: smtpSender({ url: SMTP_URL, from: MAIL_FROM, shop: APP_URL }),
    domain: addressOf(MAIL_FROM).split('@').at(-1) ?? '',
    log,
  })
}

function receiverOf({ WEBHOOK_SECRET }: Env, url: string | undefined) {
  return url && WEBHOOK_SECRET ? { url, secret: WEBHOOK_SECRET } : undefined
}
