import { setTimeout as delay } from 'node:timers/promises'
import type { Log } from '../core/log.ts'
import type { Claims } from './claims.ts'
import type { Job } from './jobs.ts'
import { dueSlots, MINUTE_MS } from './slots.ts'

export type RunnerParts = {
  job: Job
  matches: (slot: Date) => boolean
  claims: Claims
  log: Pick<Log, 'info' | 'warn' | 'error'>
  sleep?: (ms: number, signal: AbortSignal) => Promise<unknown>
}

const RETRY_MS = 2000

/**
 * Runs one job, slot after slot. Every tick runs whatever is due since the newest slot on record, so a slot that
 * was missed, in a deploy or while the database was away, needs no case of its own.
 */
export class JobRunner {
  #parts: Required<RunnerParts>
  #queue: Promise<unknown> = Promise.resolve()
  #stopping = new AbortController()

  constructor(parts: RunnerParts) {
    const sleep = (ms: number, signal: AbortSignal) => delay(ms, undefined, { signal })
    this.#parts = { sleep, ...parts }
  }

  /** At the start: what was missed while no cron ran. A job that has never run has missed nothing. */
  catchUp(now: Date): Promise<void> {
    return this.#enqueue(now, undefined)
  }

  /** At a minute of the schedule. */
  tick(slot: Date): Promise<void> {
    return this.#enqueue(slot, new Date(slot.getTime() - MINUTE_MS))
  }

  /** Begins nothing new and resolves when the slot that is running, if any, has been recorded. */
  async stop(): Promise<void> {
    this.#stopping.abort()
    await this.#queue
  }

  #enqueue(upTo: Date, lastIfNone: Date | undefined): Promise<void> {
    const run = this.#queue.then(() => this.#untilDone(() => this.#runDue(upTo, lastIfNone)))
    this.#queue = run
    return run
  }

  async #runDue(upTo: Date, lastIfNone: Date | undefined): Promise<void> {
    const { job, matches, claims, log } = this.#parts
    const last = (await claims.last(job.name)) ?? lastIfNone
    if (!last) return
    for (const slot of dueSlots(matches, last, upTo)) {
      if (this.#stopping.signal.aborted) return
      if (!(await claims.claim(job.name, slot))) continue
      const lateMs = Date.now() - slot.getTime()
      const status = await this.#run(slot)
      await this.#untilDone(() => claims.finish(job.name, slot, status), true)
      log.info({ job: job.name, slot, status, ...(lateMs > MINUTE_MS && { lateMs }) }, `ran ${job.name}`)
    }
  }

  async #run(slot: Date): Promise<'finished' | 'failed'> {
    const { job, log } = this.#parts
    try {
      await job.run(slot)
      return 'finished'
    } catch (error) {
      log.error({ err: error, job: job.name, slot }, `${job.name} failed`)
      return 'failed'
    }
  }

  /** Tries again while the database is away. `evenWhenStopping`: once more, for what has to be recorded. */
  async #untilDone(step: () => Promise<void>, evenWhenStopping = false): Promise<void> {
    const { job, log, sleep } = this.#parts
    const { signal } = this.#stopping
    for (let said = false; evenWhenStopping || !signal.aborted; said = true) {
      try {
        return await step()
      } catch (error) {
        if (!said) log.warn({ err: error, job: job.name }, `${job.name} waits for the database`)
        if (signal.aborted) return
        await sleep(RETRY_MS, signal).catch(() => {})
      }
    }
  }
}
