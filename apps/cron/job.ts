import type { Transaction } from '../core/database.ts'

/** What to do about slots that nobody ran when they were due: none of them, the newest, or each in turn. */
export type CatchUp = { policy: 'skip' } | { policy: 'last' | 'all'; withinMs: number }

export type RunContext = {
  /** Fires at the time limit, and when the process stops and its grace is nearly over. */
  signal: AbortSignal
  /** When the run began, by the clock of the schedule. */
  now: Date
}

type Common = {
  name: string
  /** A cron expression of five fields, or six with seconds first. */
  schedule: string
  /** IANA; UTC if absent. */
  timeZone?: string
  /** All of the last hour if absent. */
  catchUp?: CatchUp
  /** One minute if absent. */
  limitMs?: number
}

/** Its effects outside the claim: each slot is begun at least once, and again only if `interrupted` says so. */
export type PlainJob = Common & {
  transactional?: false
  /** What becomes of a slot whose process died: only for idempotent jobs is it begun again, up to MOST_ATTEMPTS. */
  interrupted?: 'retry' | 'report'
  run: (slot: Date, context: RunContext) => Promise<unknown>
}

/** Its effects and the claim are one transaction: a crash leaves neither, so each slot takes effect exactly once. */
export type TransactionalJob = Common & {
  transactional: true
  interrupted?: never
  run: (slot: Date, context: RunContext & { transaction: Transaction }) => Promise<unknown>
}

/** A job runs once per slot of its schedule, whoever runs it. */
export type Job = PlainJob | TransactionalJob

export const HOUR_MS = 3_600_000
export const DAY_MS = 24 * HOUR_MS
export const MOST_ATTEMPTS = 3

export const limitOf = (job: Job): number => job.limitMs ?? 60_000
export const catchUpOf = (job: Job): CatchUp => job.catchUp ?? { policy: 'all', withinMs: HOUR_MS }
