import { openRedis } from '../../../apps/core/redis.ts'
import { type Activities, type ActivityParts, createActivities } from '../../../apps/worker/activities.ts'
import { fulfil } from '../../../apps/worker/fulfilment.ts'
import { localMails } from '../../../apps/worker/mails.ts'
import { localPayments } from '../../../apps/worker/payments.ts'
import { Progress } from '../../../apps/worker/progress.ts'
import { redisUrl } from '../redis.ts'
import type { Shop } from './shop.ts'

/** A worker process without Temporal: the real activities on the shop's database. */
export type TestWorker = {
  activities: Activities
  /** Does all that the workflow of an order does; `before` is called in front of each activity. */
  run(orderId: string, before?: (activity: string) => Promise<unknown>): Promise<string>
  close(): void
}

export function openWorker(shop: Shop, more: Pick<ActivityParts, 'announce'> = {}): TestWorker {
  const database = shop.own.open('service')
  const redis = openRedis({ REDIS_URL: redisUrl(4) })
  const activities = createActivities({
    ...{ database, redis, stockChanged: async () => {} },
    payments: localPayments(database),
    mails: localMails(database),
    ...more,
  })
  return {
    activities,
    run: (orderId, before = async () => {}) =>
      fulfil(orderId, {
        activities: interrupted(activities, before),
        progress: new Progress(() => new Date()),
        asked: () => undefined,
      }),
    close: () => redis.disconnect(),
  }
}

const interrupted = (activities: Activities, before: (activity: string) => Promise<unknown>): Activities => {
  const entries = Object.entries(activities).map(([name, activity]) => [
    name,
    async (id: string, failure?: string) => {
      await before(name)
      return activity(id, failure)
    },
  ])
  return Object.fromEntries(entries) as Activities
}
