import { expect, it } from 'vitest'
import { monthAfter } from '../../../apps/cron/jobs/months.ts'

const months = (from: string, anchor: number, count: number) => {
  const found: string[] = []
  for (
    let at = new Date(`${from}T08:30:00Z`);
    found.length < count;
    found.push(at.toISOString().slice(0, 10))
  )
    at = monthAfter(at, anchor)
  return found
}

it('the last day of a month is followed by the last day of shorter ones, and comes back', () => {
  expect(months('2026-01-31', 31, 4)).toEqual(['2026-02-28', '2026-03-31', '2026-04-30', '2026-05-31'])
  expect(months('2027-12-30', 30, 3)).toEqual(['2028-01-30', '2028-02-29', '2028-03-30'])
})

it('a year is twelve months, and the time of day stays', () => {
  expect(months('2026-11-15', 15, 12).at(-1)).toBe('2027-11-15')
  expect(monthAfter(new Date('2026-01-31T08:30:00.250Z'), 31).toISOString()).toBe('2026-02-28T08:30:00.250Z')
})
