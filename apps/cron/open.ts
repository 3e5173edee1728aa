import { randomUUID } from 'node:crypto'
import { hostname } from 'node:os'
import { type Database, openDatabase } from '../core/database.ts'
import type { Env } from '../core/env.ts'
import type { Log } from '../core/log.ts'
import { openRedis } from '../core/redis.ts'
import { type Job, jobs } from './jobs.ts'
import { type CronRecord, databaseRecord } from './record.ts'

/** A job may ask for much; its time limit ends it before this does. */
const LONGEST_STATEMENT_MS = 15 * 60_000

export type OpenCron = {
  owner: string
  /** For the work of jobs, three transactions at a time. */
  database: Database
  /** For claims and the lease, which must not wait for jobs. */
  ledger: Database
  record: CronRecord
  jobs: Job[]
  close(): Promise<void>
}

/** What the cron process and its command line work with. Connects at the first use. */
export function openCron(env: Env, log: Log): OpenCron {
  const owner = `${hostname()}/${process.pid}/${randomUUID().slice(0, 8)}`
  const database = openDatabase({ ...env, DATABASE_POOL: 3 }, log, 'service', LONGEST_STATEMENT_MS)
  const ledger = openDatabase({ ...env, DATABASE_POOL: 2 }, log, 'service')
  const redis = openRedis(env, log)
  return {
    ...{ owner, database, ledger, jobs: jobs({ env, database, redis, log }) },
    record: databaseRecord(ledger, { id: owner, image: env.ECOMWEB_IMAGE }),
    async close() {
      redis.disconnect()
      await Promise.all([database.$disconnect(), ledger.$disconnect()])
    },
  }
}
