/** The cron process: claims slots, runs their jobs, and finishes the running one before it ends. */
import { createTask, type ScheduledTask } from 'node-cron'
import { openDatabase } from '../core/database.ts'
import { readEnvOrExit } from '../core/env.ts'
import { openLog } from '../core/log.ts'
import { announceReady } from '../core/ready-file.ts'
import { databaseClaims } from './claims.ts'
import { type Job, jobs } from './jobs.ts'
import { JobRunner } from './runner.ts'
import { slotOf } from './slots.ts'

const env = readEnvOrExit()
const log = openLog(env)
const database = openDatabase({ ...env, DATABASE_POOL: 2 }, log, 'service')
const claims = databaseClaims(database, env.ECOMWEB_IMAGE)
const scheduled = jobs().map(schedule)

const withdraw = announceReady()
log.info({ jobs: jobs().map((job) => `${job.name} (${job.schedule})`) }, 'cron started')
for (const { runner, task } of scheduled) {
  void task.start()
  void runner.catchUp(new Date())
}

let stopping = false
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => void stop(signal))

function schedule(job: Job): { runner: JobRunner; task: ScheduledTask } {
  const task = createTask(job.schedule, ({ date }) => runner.tick(slotOf(date)), {
    name: job.name,
    timezone: 'UTC',
  })
  const runner = new JobRunner({ job, matches: (slot) => task.match(slot), claims, log })
  return { runner, task }
}

async function stop(why: string): Promise<void> {
  if (stopping) return
  stopping = true
  log.info({ why }, 'cron stops: the running job is finished first')
  setTimeout(() => {
    log.error({ limitMs: env.APP_DRAIN_LIMIT_MS }, 'a job was still running at the limit: it is cut off')
    process.exit(1)
  }, env.APP_DRAIN_LIMIT_MS).unref()
  for (const { task } of scheduled) await task.stop()
  await Promise.all(scheduled.map(({ runner }) => runner.stop()))
  withdraw()
  await database.$disconnect()
  log.info('cron stopped: no job is left running')
  process.exit(0)
}
