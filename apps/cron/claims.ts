import type { Database } from '../core/database.ts'

/** The record of slots, in which one row is the claim to one slot of one job. */
export type Claims = {
  /** The newest slot that anybody has claimed. */
  last: (job: string) => Promise<Date | undefined>
  /** Whether the slot is now ours: false when another process was first. */
  claim: (job: string, slot: Date) => Promise<boolean>
  finish: (job: string, slot: Date, status: 'finished' | 'failed') => Promise<void>
}

/** Claims in PostgreSQL: its primary key is what lets two cron containers run side by side during a deploy. */
export function databaseClaims(database: Database, image: string | undefined): Claims {
  return {
    async last(job) {
      const { _max } = await database.cronRun.aggregate({ where: { job }, _max: { slot: true } })
      return _max.slot ?? undefined
    },
    async claim(job, slot) {
      const { count } = await database.cronRun.createMany({
        data: [{ job, slot, image }],
        skipDuplicates: true,
      })
      return count === 1
    },
    async finish(job, slot, status) {
      await database.cronRun.update({
        where: { job_slot: { job, slot } },
        data: { status, finishedAt: new Date() },
      })
    },
  }
}
