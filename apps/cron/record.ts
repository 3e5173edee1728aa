import type { Database, Transaction } from '../core/database.ts'
import { MOST_ATTEMPTS } from './job.ts'

export type Status = 'finished' | 'failed' | 'timed-out' | 'interrupted'
export type Outcome = { status: Status; failure?: string }
export type Trigger = 'schedule' | 'hand'
/** A run whose process is gone, or was stopped in the middle of it. */
export type Orphan = { job: string; slot: Date; attempts: number; trigger: Trigger; status: string }

/**
 * The record of slots, in which one row is the claim to one slot of one job. Everything rejects when the database is
 * away. Whether an owner is alive is judged by the database's clock alone.
 */
export type CronRecord = {
  /** Makes jobs known; one that has never run owes nothing from before. */
  register(jobs: string[], now: Date): Promise<void>
  /** From when on slots of the job are owed, and whether it is paused. Slots after `now` (a clock that was wrong) do not count. */
  state(job: string, now: Date): Promise<{ since: Date; paused: boolean }>
  /** Whether the slot is now ours: false when it is, or was, somebody else's. */
  claim(job: string, slot: Date, trigger: Trigger, transaction?: Transaction): Promise<boolean>
  /** False when the slot was taken from us meanwhile. */
  finish(job: string, slot: Date, outcome: Outcome, transaction?: Transaction): Promise<boolean>
  /** Writes down how a transactional run ended that left no claim; a slot that somebody has run stays as it is. */
  note(job: string, slot: Date, outcome: Outcome, trigger: Trigger): Promise<void>
  /** Tells that this owner's runs go on. */
  extend(): Promise<void>
  orphans(): Promise<Orphan[]>
  /** Begins an orphan again, under this owner; false when another did or it was begun too often. */
  retake(job: string, slot: Date): Promise<boolean>
  /** Gives up an orphan that runs no more. */
  giveUp(job: string, slot: Date): Promise<boolean>
}

/** A release from before tells nothing of its runs: theirs are given up after an hour. */
const GONE = `(alive_until < now() OR (alive_until IS NULL AND started_at < now() - interval '1 hour'))`

const LONGEST_FAILURE = 500

export type Owner = { id: string; image?: string | undefined; aliveMs?: number }

/** The record in PostgreSQL: its primary key is what lets two cron containers run side by side. */
export function databaseRecord(database: Database, { id, image, aliveMs = 10_000 }: Owner): CronRecord {
  const count = async (text: string, ...values: unknown[]) =>
    (await database.$executeRawUnsafe(text, ...values)) === 1
  return {
    async register(jobs, now) {
      await database.$executeRaw`
        INSERT INTO cron_job (name, first_seen_at) SELECT name, ${now} FROM unnest(${jobs}::text[]) AS name
        ON CONFLICT (name) DO NOTHING`
    },
    async state(job, now) {
      const [known] = await database.$queryRaw<{ since: Date | null; paused: boolean }[]>`
        SELECT greatest(resumed_at, coalesce((
            SELECT max(slot) FROM cron_run WHERE job = ${job} AND trigger = 'schedule' AND slot <= ${now}
          ), first_seen_at)) AS since, paused_at IS NOT NULL AS paused
        FROM cron_job WHERE name = ${job}`
      return { since: known?.since ?? now, paused: known?.paused ?? false }
    },
    async claim(job, slot, trigger, within = database) {
      return (
        (await within.$executeRaw`
          INSERT INTO cron_run (job, slot, image, trigger, owner, started_at, alive_until)
          VALUES (${job}, ${slot}, ${image ?? null}, ${trigger}, ${id}, clock_timestamp(),
            clock_timestamp() + ${aliveMs} * interval '1 millisecond')
          ON CONFLICT (job, slot) DO NOTHING`) === 1
      )
    },
    async finish(job, slot, { status, failure }, within = database) {
      return (
        (await within.$executeRaw`
          UPDATE cron_run SET status = ${status}, failure = ${shortened(failure)}, finished_at = clock_timestamp()
          WHERE job = ${job} AND slot = ${slot} AND owner = ${id} AND status = 'running'`) === 1
      )
    },
    async note(job, slot, { status, failure }, trigger) {
      await database.$executeRaw`
        INSERT INTO cron_run (job, slot, image, trigger, owner, status, failure, finished_at)
        VALUES (${job}, ${slot}, ${image ?? null}, ${trigger}, ${id}, ${status}, ${shortened(failure)}, now())
        ON CONFLICT (job, slot) DO NOTHING`
    },
    async extend() {
      await database.$executeRaw`
        UPDATE cron_run SET alive_until = now() + ${aliveMs} * interval '1 millisecond'
        WHERE status = 'running' AND owner = ${id}`
    },
    orphans: () =>
      database.$queryRawUnsafe<Orphan[]>(
        `SELECT job, slot, attempts, trigger, status FROM cron_run
         WHERE status IN ('running', 'interrupted')
           AND (status = 'running' AND ${GONE}
             OR status = 'interrupted' AND attempts < ${MOST_ATTEMPTS} AND started_at > now() - interval '1 day')
         ORDER BY slot`,
      ),
    retake: (job, slot) =>
      count(
        `UPDATE cron_run SET status = 'running', owner = $3, image = $4, attempts = attempts + 1, failure = NULL,
           started_at = now(), finished_at = NULL, alive_until = now() + $5 * interval '1 millisecond'
         WHERE job = $1 AND slot = $2 AND attempts < ${MOST_ATTEMPTS}
           AND (status = 'running' AND ${GONE} OR status = 'interrupted')`,
        ...[job, slot, id, image ?? null, aliveMs],
      ),
    giveUp: (job, slot) =>
      count(
        `UPDATE cron_run SET status = 'interrupted', finished_at = now(), failure = 'its process ended in the middle'
         WHERE job = $1 AND slot = $2 AND status = 'running' AND ${GONE}`,
        ...[job, slot],
      ),
  }
}

const shortened = (failure: string | undefined): string | null => failure?.slice(0, LONGEST_FAILURE) ?? null
