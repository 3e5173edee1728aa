import type { CatchUp } from './job.ts'
import type { Schedule } from './schedule.ts'

/** A slot counts as missed when it is older than this. */
export const PUNCTUAL_MS = 30_000

/**
 * The slots to run now, oldest first: of those after `since`, the newest that was claimed or when the job began, what
 * the policy keeps. A slot of the last seconds is never "missed", so `skip` keeps it, the newest if there are several.
 */
export function dueSlots(schedule: Schedule, catchUp: CatchUp, since: Date, now: Date): Date[] {
  const reach = catchUp.policy === 'skip' ? PUNCTUAL_MS : Math.max(catchUp.withinMs, PUNCTUAL_MS)
  const earliest = new Date(Math.max(since.getTime(), now.getTime() - reach - 1))
  const slots = schedule.between(earliest, now)
  return catchUp.policy === 'all' ? slots : slots.slice(-1)
}
