/**
 * `node apps/cron/command.ts list | run JOB | pause JOB | resume JOB | history [JOB] [--limit N]` prints JSON (the rows of
 * operate.ts). Exit codes: 0 done, 1 failed or the job did not finish, 2 wrong usage.
 */
import { describeDatabaseError } from '../core/database-error.ts'
import { isDatabaseLost } from '../core/database-lost.ts'
import { readEnvOrExit } from '../core/env.ts'
import { openLog } from '../core/log.ts'
import { parseCronCommand, UsageError } from './command-line.ts'
import { openCron } from './open.ts'
import { Operations } from './operate.ts'

const env = readEnvOrExit()
// Standard output belongs to the answer; how a run ended is on record.
const log = openLog({ ...env, LOG_LEVEL: 'silent' })
const { jobs, record, database, ledger, close } = openCron(env, log)
const stopping = new AbortController()
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => stopping.abort())

try {
  const parts = { record, database, log, now: () => new Date(), stopping: stopping.signal }
  const command = parseCronCommand(
    process.argv.slice(2),
    jobs.map(({ name }) => name),
  )
  const { answer, ok } = await new Operations(ledger, jobs, parts).carryOut(command)
  process.stdout.write(`${JSON.stringify(answer)}\n`)
  process.exitCode = ok ? 0 : 1
} catch (error) {
  const message = isDatabaseLost(error)
    ? describeDatabaseError(error, env.DATABASE_URL)
    : (error as Error).message
  process.stderr.write(`cron: ${message}\n`)
  process.exitCode = error instanceof UsageError ? 2 : 1
} finally {
  await close()
}
