import { dueSlots, PUNCTUAL_MS } from './due.ts'
import { catchUpOf, type Job } from './job.ts'
import { type RunParts, runClaimed, runSlot } from './run.ts'
import { type Schedule, scheduleOf } from './schedule.ts'

/**
 * Runs one job, slot after slot. Every look runs whatever is due since the newest slot on record, so a slot that was
 * missed, in a deploy or while the database was away, needs no case of its own.
 */
export class JobRunner {
  readonly job: Job
  readonly schedule: Schedule
  #parts: RunParts & { may: () => boolean }
  #queue: Promise<void> = Promise.resolve()
  #waiting = false
  #next = 0
  #looked = 0
  #failing = false
  #retakes = new Set<number>()

  /** @param parts.may whether another slot may be begun: not without the lease, nor while the process stops */
  constructor(job: Job, parts: RunParts & { may: () => boolean }) {
    this.job = job
    this.schedule = scheduleOf(job.schedule, job.timeZone)
    this.#parts = parts
  }

  /** To be called about every second: looks when a slot has come, or the clock was set back. */
  tick(): void {
    const now = this.#parts.now().getTime()
    if (this.#waiting || (now < this.#next && now >= this.#looked)) return
    this.#waiting = true
    void this.#enqueue(() => {
      this.#waiting = false
      return this.#look()
    })
  }

  /** Begins an interrupted slot again, as soon as the one that runs is through. */
  retake(slot: Date): void {
    this.#retakes.add(slot.getTime())
    void this.#enqueue(() => this.#runRetakes())
  }

  /** Resolves when nothing of the job runs or waits. */
  settled(): Promise<void> {
    return this.#queue
  }

  #enqueue(step: () => Promise<void>): Promise<void> {
    this.#queue = this.#queue.then(step).then(
      () => {
        this.#failing = false
      },
      (error) => {
        const { log } = this.#parts
        if (!this.#failing)
          log.warn({ err: error, job: this.job.name }, `${this.job.name} waits for the database`)
        this.#failing = true
        this.#next = 0
      },
    )
    return this.#queue
  }

  async #look(): Promise<void> {
    const { record, may, now } = this.#parts
    if (!may()) return
    const at = now()
    const { since, paused } = await record.state(this.job.name, at)
    const slots = paused ? [] : dueSlots(this.schedule, catchUpOf(this.job), since, at)
    for (const slot of slots) {
      await this.#runRetakes()
      if (!may()) return
      await this.#run(slot)
    }
    this.#looked = at.getTime()
    this.#next = this.schedule.next(at)?.getTime() ?? Number.POSITIVE_INFINITY
  }

  async #runRetakes(): Promise<void> {
    const { record, may, log } = this.#parts
    const { job } = this
    for (const time of this.#retakes) {
      this.#retakes.delete(time)
      const slot = new Date(time)
      if (job.transactional || !may() || !(await record.retake(job.name, slot))) continue
      const { status } = await runClaimed(job, slot, this.#parts)
      log.info({ job: job.name, slot, status }, `ran ${job.name} again: it was interrupted`)
    }
  }

  async #run(slot: Date): Promise<void> {
    const { log, now } = this.#parts
    const lateMs = now().getTime() - slot.getTime()
    const outcome = await runSlot(this.job, slot, this.#parts)
    if (!outcome) return
    const { name } = this.job
    log.info(
      { job: name, slot, status: outcome.status, ...(lateMs > PUNCTUAL_MS && { lateMs }) },
      `ran ${name}`,
    )
  }
}
