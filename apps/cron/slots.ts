/** Slots are the minutes at which a job is due. Everything here is arithmetic: the time is an argument. */

export const MINUTE_MS = 60_000

/** What was missed for longer than this is not made up for. */
export const CATCH_UP_MS = 60 * MINUTE_MS

/** The minute that a moment belongs to. */
export function slotOf(moment: Date): Date {
  return new Date(Math.floor(moment.getTime() / MINUTE_MS) * MINUTE_MS)
}

/**
 * The slots after `last` up to and including `upTo`, oldest first, as far back as `windowMs`. `matches` says
 * whether a minute belongs to the schedule.
 */
export function dueSlots(
  matches: (slot: Date) => boolean,
  last: Date,
  upTo: Date,
  windowMs: number = CATCH_UP_MS,
): Date[] {
  const end = slotOf(upTo).getTime()
  const earliest = slotOf(new Date(upTo.getTime() - windowMs)).getTime()
  const slots: Date[] = []
  for (let at = Math.max(slotOf(last).getTime() + MINUTE_MS, earliest); at <= end; at += MINUTE_MS) {
    const slot = new Date(at)
    if (matches(slot)) slots.push(slot)
  }
  return slots
}
