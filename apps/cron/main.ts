/** The cron process: claims slots, runs their jobs, and finishes the running ones before it ends. */
import { createTask } from 'node-cron'
import { readEnvOrExit } from '../core/env.ts'
import { openLog } from '../core/log.ts'
import { announceReady } from '../core/ready-file.ts'
import { CronEngine } from './engine.ts'
import { databaseLease, LEASE_MS } from './lease.ts'
import { openCron } from './open.ts'

const env = readEnvOrExit()
const log = openLog(env)
const { owner, database, ledger, record, jobs, close } = openCron(env, log)
const lease = databaseLease(ledger, owner)
const engine = new CronEngine({ jobs, record, lease, database, log, now: () => new Date() })

// node-cron calls at the beginning of each second; what is due then is arithmetic. It waits for a clock that was set
// back, so the beats, whose timer no clock moves, look as well.
const clock = createTask('* * * * * *', () => engine.tick(), { timezone: 'UTC', suppressMissedWarning: true })
const beats = setInterval(beat, LEASE_MS / 4)

const withdraw = announceReady()
log.info({ jobs: jobs.map(({ name, schedule }) => `${name} (${schedule})`) }, 'cron started')
void clock.start()
void beat()

let stopping = false
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => void stop(signal))

async function beat(): Promise<void> {
  await engine.beat()
  engine.tick()
}

async function stop(why: string): Promise<void> {
  if (stopping) return
  stopping = true
  log.info({ why }, 'cron stops: the running job is finished first')
  setTimeout(() => {
    log.error({ limitMs: env.APP_DRAIN_LIMIT_MS }, 'a job was still running at the limit: it is cut off')
    process.exit(1)
  }, env.APP_DRAIN_LIMIT_MS).unref()
  clearInterval(beats)
  await clock.stop()
  await engine.stop(env.APP_DRAIN_LIMIT_MS)
  withdraw()
  await close()
  log.info('cron stopped: no job is left running')
  process.exit(0)
}
