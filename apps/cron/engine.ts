import type { Job } from './job.ts'
import { LEASE_MS, type Lease } from './lease.ts'
import type { Orphan } from './record.ts'
import type { RunParts } from './run.ts'
import { JobRunner } from './runner.ts'

export type EngineParts = Omit<RunParts, 'stopping'> & { jobs: Job[]; lease: Lease; leaseMs?: number }

/** What is kept of the grace for winding up and writing down how runs ended. */
const RESERVE_MS = 3000

/** All jobs of this process, as long as it holds the lease. Its clock is whoever calls `tick` and `beat`. */
export class CronEngine {
  readonly runners: JobRunner[]
  #parts: EngineParts
  #stopping = false
  #cut = new AbortController()
  #registered = false
  #holding = false
  /** By the process's own clock, that nobody sets: until when the lease is surely ours. */
  #heldUntil = Number.NEGATIVE_INFINITY

  constructor(parts: EngineParts) {
    this.#parts = parts
    const may = () => !this.#stopping && performance.now() < this.#heldUntil
    this.runners = parts.jobs.map((job) => new JobRunner(job, { ...parts, stopping: this.#cut.signal, may }))
  }

  get holding(): boolean {
    return this.#holding
  }

  /** Looks for slots that are due; to be called every second. */
  tick(): void {
    if (this.#holding && !this.#stopping) for (const runner of this.runners) runner.tick()
  }

  /**
   * Keeps the lease and the runs of this process alive, and sees to those whose process is gone; to be called several
   * times within the lease. Never rejects.
   */
  async beat(): Promise<void> {
    const { record, lease, jobs, now, log, leaseMs = LEASE_MS } = this.#parts
    if (this.#stopping) return
    const asked = performance.now()
    try {
      // A process that lost the lease may still be running a slot, which is no less its own for that.
      await record.extend()
      const held = await lease.hold()
      if (held !== this.#holding)
        log.info({ held }, held ? 'this process runs the schedule' : 'another process runs the schedule')
      if (held && !this.#registered) {
        await record.register(
          jobs.map(({ name }) => name),
          now(),
        )
        this.#registered = true
      }
      this.#heldUntil = held ? asked + leaseMs : Number.NEGATIVE_INFINITY
      this.#holding = held
      if (held) for (const orphan of await record.orphans()) await this.#see(orphan)
    } catch (error) {
      if (this.#holding && performance.now() >= this.#heldUntil) {
        log.warn({ err: error }, 'cannot keep the lease: no slot is begun')
        this.#holding = false
      }
    }
  }

  /** Resolves when no job runs or waits. */
  async settled(): Promise<void> {
    await Promise.all(this.runners.map((runner) => runner.settled()))
  }

  /**
   * Begins nothing new and resolves when what runs has ended and is on record. Shortly before `graceMs` are over, the
   * signals of the runs fire; a run that ends not even then is recorded as interrupted.
   */
  async stop(graceMs: number): Promise<void> {
    this.#stopping = true
    const extending = setInterval(() => void this.#parts.record.extend().catch(() => {}), 1500)
    const cut = setTimeout(() => this.#cut.abort(), graceMs - Math.min(RESERVE_MS, graceMs / 2))
    await this.settled()
    clearTimeout(cut)
    clearInterval(extending)
    await this.#parts.lease.release().catch(() => {})
  }

  async #see({ job, slot, trigger, status }: Orphan): Promise<void> {
    const { record, log } = this.#parts
    const runner = this.runners.find((one) => one.job.name === job)
    const again = trigger === 'schedule' && runner?.job.interrupted === 'retry'
    if (status === 'running' && (await record.giveUp(job, slot)))
      log.error({ job, slot, again }, `${job} was interrupted: its process is gone`)
    if (again) runner.retake(slot)
  }
}
