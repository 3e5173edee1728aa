import { setTimeout as delay } from 'node:timers/promises'
import type { Database, Transaction } from '../core/database.ts'
import { isDatabaseLost } from '../core/database-lost.ts'
import type { Log } from '../core/log.ts'
import { type Job, limitOf, type PlainJob, type RunContext, type TransactionalJob } from './job.ts'
import type { CronRecord, Outcome, Trigger } from './record.ts'

export type RunParts = {
  record: CronRecord
  database: Database
  log: Pick<Log, 'info' | 'warn' | 'error'>
  now: () => Date
  /** Fires when the process cannot wait any longer. */
  stopping: AbortSignal
}

/** What a run is given to end by itself once its signal has fired. */
const WIND_UP_MS = 1000
const RETRY_MS = 500
/** Several transactions may wait for a connection of the pool. */
const LONGEST_WAIT_MS = 30_000

class Cut extends Error {
  readonly status: 'timed-out' | 'interrupted'

  constructor(status: 'timed-out' | 'interrupted', message: string) {
    super(message)
    this.status = status
  }
}

/**
 * Claims a slot and runs it; one of a run `by hand` has to lie between those of any schedule (slotByHand). Undefined: it
 * is not ours. Rejects when the database is away, with nothing begun.
 */
export async function runSlot(
  job: Job,
  slot: Date,
  parts: RunParts,
  trigger: Trigger = 'schedule',
): Promise<Outcome | undefined> {
  if (job.transactional) return runInClaim(job, slot, parts, trigger)
  if (!(await parts.record.claim(job.name, slot, trigger))) return undefined
  return runClaimed(job, slot, parts)
}

/** A slot that no schedule has: those lie on whole seconds. */
export const slotByHand = (now: Date): Date =>
  now.getUTCMilliseconds() === 0 ? new Date(now.getTime() + 1) : now

/** Runs a slot that is ours and writes down how it ended. Never rejects. */
export async function runClaimed(job: PlainJob, slot: Date, parts: RunParts): Promise<Outcome> {
  const outcome = await limited(job, parts, (context) => job.run(slot, context)).then(
    (): Outcome => ({ status: 'finished' }),
    (error) => outcomeOf(error, job, slot, parts),
  )
  await untilWritten(() => parts.record.finish(job.name, slot, outcome), parts)
  return outcome
}

async function runInClaim(
  job: TransactionalJob,
  slot: Date,
  parts: RunParts,
  trigger: Trigger,
): Promise<Outcome | undefined> {
  const { record, database } = parts
  let claimed = false
  const work = async (transaction: Transaction): Promise<Outcome | undefined> => {
    claimed = await record.claim(job.name, slot, trigger, transaction)
    if (!claimed) return undefined
    await limited(job, parts, (context) => job.run(slot, { ...context, transaction }))
    await record.finish(job.name, slot, { status: 'finished' }, transaction)
    return { status: 'finished' }
  }
  try {
    const timeout = limitOf(job) + LONGEST_WAIT_MS
    return await database.$transaction(work, { maxWait: LONGEST_WAIT_MS, timeout })
  } catch (error) {
    // The answer to a commit may be what was lost: whether the claim is there decides, at the next look.
    if (!claimed || isDatabaseLost(error)) throw error
    const outcome = outcomeOf(error, job, slot, parts)
    // What was rolled back because the process stops is still owed: whoever comes next runs it.
    if (outcome.status !== 'interrupted')
      await untilWritten(() => record.note(job.name, slot, outcome, trigger), parts)
    return outcome
  }
}

/** Runs it until it ends, or until shortly after its signal fired. */
async function limited<T>(job: Job, { now, stopping }: RunParts, run: (context: RunContext) => Promise<T>) {
  const limit = limitOf(job)
  const cut = new AbortController()
  const late = setTimeout(() => cut.abort(new Cut('timed-out', `it took longer than ${limit} ms`)), limit)
  const stop = () => cut.abort(new Cut('interrupted', 'its process was stopped in the middle'))
  const over = Promise.withResolvers<never>()
  let windUp: NodeJS.Timeout | undefined
  cut.signal.addEventListener('abort', () => {
    windUp = setTimeout(() => over.reject(cut.signal.reason), WIND_UP_MS)
  })
  if (stopping.aborted) stop()
  stopping.addEventListener('abort', stop)
  try {
    return await Promise.race([run({ signal: cut.signal, now: now() }), over.promise])
  } catch (error) {
    throw cut.signal.aborted ? cut.signal.reason : error
  } finally {
    clearTimeout(late)
    clearTimeout(windUp)
    stopping.removeEventListener('abort', stop)
  }
}

function outcomeOf(error: unknown, job: Job, slot: Date, { log }: RunParts): Outcome {
  const status = error instanceof Cut ? error.status : 'failed'
  log.error({ err: error, job: job.name, slot, status }, `${job.name} did not finish`)
  return { status, failure: error instanceof Error ? error.message : String(error) }
}

/** What has happened has to be written down, also when the database is away for a while or the process stops. */
async function untilWritten(write: () => Promise<unknown>, { log }: RunParts): Promise<void> {
  for (let attempt = 1; ; attempt++) {
    try {
      await write()
      return
    } catch (error) {
      if (attempt === 1) log.warn({ err: error }, 'cannot write down how a run ended: trying again')
      await delay(RETRY_MS)
    }
  }
}
