import { z } from 'zod'

/** Days in UTC, both of them included; `start` and `end` are the moments between which they lie, `end` not included. */
export type Range = { from: string; to: string; start: string; end: string }

export const MOST_DAYS = 731
const USUAL_DAYS = 30
const DAY_MS = 86_400_000

/** A day of the calendar, YYYY-MM-DD. */
export const calendarDay = z
  .string()
  .regex(/^\d{4}-\d{2}-\d{2}$/, 'should be a day as YYYY-MM-DD')
  .refine(isInCalendar, 'is no day of the calendar')
  .refine((day) => day >= '2000-01-01' && day < '2100-01-01', 'should be from 2000 to 2099')

/** The range that a query asks for; the last 30 days by default. Errors: ZodError. */
export function rangeOf(query: unknown, now: Date): Range {
  const today = dayOf(now.getTime())
  const schema = z
    .object({ from: calendarDay.optional(), to: calendarDay.default(today) })
    .transform(({ from, to }) => ({ from: from ?? dayOf(Date.parse(to) - (USUAL_DAYS - 1) * DAY_MS), to }))
    .refine(({ from, to }) => from <= to, { path: ['from'], message: `should not be after "to"` })
    .refine(({ from, to }) => days(from, to) <= MOST_DAYS, {
      path: ['from'],
      message: `a report covers at most ${MOST_DAYS} days`,
    })
  const { from, to } = schema.parse(query)
  return { from, to, start: midnight(from, 0), end: midnight(to, 1) }
}

const days = (from: string, to: string): number => (Date.parse(to) - Date.parse(from)) / DAY_MS + 1

const dayOf = (time: number): string => new Date(time).toISOString().slice(0, 10)

const midnight = (day: string, after: number): string =>
  new Date(Date.parse(day) + after * DAY_MS).toISOString()

/** 30 February is a date to JavaScript, but another one. */
function isInCalendar(day: string): boolean {
  const time = Date.parse(day)
  return !Number.isNaN(time) && dayOf(time) === day
}
