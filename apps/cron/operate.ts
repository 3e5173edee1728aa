import type { Database } from '../core/database.ts'
import type { CronCommand } from './command-line.ts'
import { type CatchUp, catchUpOf, HOUR_MS, type Job } from './job.ts'
import { type RunParts, runSlot, slotByHand } from './run.ts'
import { scheduleOf } from './schedule.ts'

export type JobRow = {
  job: string
  schedule: string
  time_zone: string
  /** skip, or last or all with the window in seconds. */
  catch_up: string
  paused_at: string | null
  /** The next slot; null while it is paused. */
  next: string | null
  last: RunRow | null
}

/** Times are ISO 8601 in UTC. */
export type RunRow = {
  job: string
  slot: string
  trigger: string
  status: string
  attempts: number
  started_at: string
  ms: number | null
  failure: string | null
}

/** What an operator asks of the schedule. */
export class Operations {
  #ledger: Database
  #jobs: Job[]
  #parts: RunParts

  constructor(ledger: Database, jobs: Job[], parts: RunParts) {
    this.#ledger = ledger
    this.#jobs = jobs
    this.#parts = parts
  }

  /** Answers what is to be printed, as JSON, and whether it went well. */
  async carryOut(command: CronCommand): Promise<{ answer: unknown; ok: boolean }> {
    if (command.verb === 'list') return { answer: await this.list(), ok: true }
    if (command.verb === 'history')
      return { answer: await this.history(command.job, command.limit), ok: true }
    if (command.verb !== 'run')
      return { answer: await this.#pause(command.job, command.verb === 'pause'), ok: true }
    const run = await this.run(command.job)
    return { answer: run, ok: run.status === 'finished' }
  }

  /** Every job with its next slot and its last run. */
  async list(): Promise<JobRow[]> {
    const known = await this.#ledger.cronJob.findMany()
    const paused = new Map(known.map(({ name, pausedAt }) => [name, pausedAt]))
    return Promise.all(
      this.#jobs.map(async (job) => {
        const { expression, timeZone, next } = scheduleOf(job.schedule, job.timeZone)
        const pausedAt = paused.get(job.name) ?? null
        return {
          ...{
            job: job.name,
            schedule: expression,
            time_zone: timeZone,
            catch_up: catchUpText(catchUpOf(job)),
          },
          paused_at: pausedAt?.toISOString() ?? null,
          next: pausedAt ? null : (next(this.#parts.now())?.toISOString() ?? null),
          last: (await this.history(job.name, 1))[0] ?? null,
        }
      }),
    )
  }

  /** The newest runs, of a job or of all. */
  async history(job: string | undefined, limit: number): Promise<RunRow[]> {
    const rows = await this.#ledger.cronRun.findMany({
      where: job === undefined ? {} : { job },
      orderBy: [{ slot: 'desc' }, { job: 'asc' }],
      take: limit,
    })
    return rows.map((row) => ({
      ...{ job: row.job, slot: row.slot.toISOString(), trigger: row.trigger, status: row.status },
      ...{ attempts: row.attempts, started_at: row.startedAt.toISOString() },
      ms: row.finishedAt && row.finishedAt.getTime() - row.startedAt.getTime(),
      failure: row.failure,
    }))
  }

  /** Runs a job now, beside its schedule and also while it is paused. */
  async run(name: string): Promise<RunRow> {
    const job = this.#jobs.find((one) => one.name === name) as Job
    const slot = slotByHand(this.#parts.now())
    const alive = setInterval(() => void this.#parts.record.extend().catch(() => {}), 2000)
    try {
      await runSlot(job, slot, this.#parts, 'hand')
    } finally {
      clearInterval(alive)
    }
    const [row] = (await this.history(name, 50)).filter((one) => one.slot === slot.toISOString())
    if (row) return row
    throw new Error(`${name} was stopped, and nothing of it is kept`)
  }

  /** A paused job begins no slot; those that fall into the pause are left out. */
  async #pause(name: string, pause: boolean): Promise<JobRow | undefined> {
    const now = this.#parts.now()
    await this.#parts.record.register([name], now)
    await this.#ledger.cronJob.updateMany({
      where: { name, pausedAt: pause ? null : { not: null } },
      data: pause ? { pausedAt: now } : { pausedAt: null, resumedAt: now },
    })
    return (await this.list()).find(({ job }) => job === name)
  }
}

function catchUpText(catchUp: CatchUp): string {
  return catchUp.policy === 'skip' ? 'skip' : `${catchUp.policy} within ${catchUp.withinMs / HOUR_MS} h`
}
