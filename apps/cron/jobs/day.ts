import { DAY_MS } from '../job.ts'

/** The UTC midnight that a moment's day begins with, `days` later. */
export function utcDay(moment: Date, days = 0): Date {
  return new Date(Math.floor(moment.getTime() / DAY_MS) * DAY_MS + days * DAY_MS)
}

/** The UTC midnight of the Monday that a moment's week begins with, `weeks` later. */
export function utcWeek(moment: Date, weeks = 0): Date {
  return utcDay(moment, weeks * 7 - ((moment.getUTCDay() + 6) % 7))
}

export const isoDay = (day: Date): string => day.toISOString().slice(0, 10)
