import { CronEngine } from '../../../apps/cron/engine.ts'
import type { Job, PlainJob } from '../../../apps/cron/job.ts'
import type { CronRecord, Orphan, Trigger } from '../../../apps/cron/record.ts'

type Row = { job: string; slot: Date; status: string; trigger: Trigger; attempts: number; orphaned: boolean }

export const silent = { info: () => {}, warn: () => {}, error: () => {} } as never

/** The table that every cron process shares; `away` is a database that does not answer. */
export class Table implements CronRecord {
  rows: Row[] = []
  firstSeen = new Map<string, Date>()
  paused = new Set<string>()
  holder: object | undefined
  away = false

  #reach() {
    if (this.away) throw Object.assign(new Error('connection refused'), { code: 'ECONNREFUSED' })
  }
  row(job: string, slot: Date) {
    return this.rows.find((row) => row.job === job && row.slot.getTime() === slot.getTime())
  }
  async register(jobs: string[], now: Date) {
    this.#reach()
    for (const job of jobs) if (!this.firstSeen.has(job)) this.firstSeen.set(job, now)
  }
  async state(job: string, now: Date) {
    this.#reach()
    const mine = this.rows.filter((row) => row.job === job && row.trigger === 'schedule' && row.slot <= now)
    const last = Math.max(...mine.map(({ slot }) => slot.getTime()))
    return {
      since: mine.length > 0 ? new Date(last) : (this.firstSeen.get(job) ?? now),
      paused: this.paused.has(job),
    }
  }
  async claim(job: string, slot: Date, trigger: Trigger) {
    this.#reach()
    if (this.row(job, slot)) return false
    this.rows.push({ job, slot, trigger, status: 'running', attempts: 1, orphaned: false })
    return true
  }
  async finish(job: string, slot: Date, { status }: { status: string }) {
    this.#reach()
    const row = this.row(job, slot)
    if (row?.status !== 'running') return false
    row.status = status
    return true
  }
  async note() {}
  async extend() {
    this.#reach()
  }
  async orphans(): Promise<Orphan[]> {
    return this.rows.filter((row) => row.orphaned && (row.status === 'running' || row.attempts < 3))
  }
  async retake(job: string, slot: Date) {
    const row = this.row(job, slot)
    if (!row?.orphaned || row.attempts >= 3) return false
    Object.assign(row, { status: 'running', attempts: row.attempts + 1, orphaned: false })
    return true
  }
  async giveUp(job: string, slot: Date) {
    const row = this.row(job, slot)
    if (row?.status !== 'running') return false
    row.status = 'interrupted'
    return true
  }
  seen(job = 'job') {
    return this.rows
      .filter((row) => row.job === job)
      .map(({ slot, status }) => `${slot.toISOString().slice(11, 19)} ${status}`)
      .toSorted()
  }
}

/** A process with an injected clock; `at(time)` sets it and lets everything that is due run. */
export function cron(table: Table, jobs: Job[], { alone = true } = {}) {
  let clock = new Date(0)
  const lease = {
    hold: async () => {
      if (alone) return true
      table.holder ??= lease
      return table.holder === lease
    },
    release: async () => {
      if (table.holder === lease) table.holder = undefined
    },
  }
  const parts = { record: table, lease, log: silent, database: {} as never, now: () => clock }
  const engine = new CronEngine({ jobs, ...parts })
  return {
    engine,
    set: (time: string) => {
      clock = new Date(`2026-03-01T${time}Z`)
    },
    async at(time: string) {
      clock = new Date(`2026-03-01T${time}Z`)
      await engine.beat()
      engine.tick()
      await engine.settled()
    },
  }
}

/** A job every minute that tells which slots it ran. */
export function minutely(changes: Partial<PlainJob> = {}) {
  const ran: string[] = []
  const { run, ...rest } = changes
  const job: PlainJob = {
    ...{ name: 'job', schedule: '* * * * *', ...rest },
    run: async (slot, context) => {
      ran.push(slot.toISOString().slice(11, 16))
      await run?.(slot, context)
    },
  }
  return { job, ran }
}
