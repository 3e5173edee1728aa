import type { Database } from '../core/database.ts'
import type { Env } from '../core/env.ts'
import type { Log } from '../core/log.ts'
import type { Redis } from '../core/redis.ts'
import type { Job } from './job.ts'
import { cacheExpiry } from './jobs/cache-expiry.ts'
import { dailyAnalytics } from './jobs/daily-analytics.ts'
import { dailyCleanUp } from './jobs/daily-clean-up.ts'
import { feedRefresh } from './jobs/feed-refresh.ts'
import { healthCheck } from './jobs/health-check.ts'
import { monthlySubscriptions } from './jobs/monthly-subscriptions.ts'
import { proofJobs } from './jobs/proof.ts'
import { weeklyEngagement } from './jobs/weekly-engagement.ts'

export type { Job } from './job.ts'

export type JobParts = {
  env: Env
  database: Database
  redis: Redis
  log: Pick<Log, 'info' | 'warn'>
}

/** What the schedule consists of. */
export function jobs({ env, database, redis, log }: JobParts): Job[] {
  return [
    // Its rows are the proof that the schedule is alive: `./ecomweb status` shows the last ones.
    { name: 'heartbeat', schedule: '* * * * *', run: async () => {} },
    healthCheck(database, env.HEALTH_CHECK_URL),
    cacheExpiry(redis, log),
    dailyAnalytics(),
    weeklyEngagement(),
    monthlySubscriptions(log),
    dailyCleanUp(database, log),
    ...feedRefresh(env),
    ...(env.CRON_PROOF_JOB === '1' ? proofJobs(database) : []),
  ]
}
