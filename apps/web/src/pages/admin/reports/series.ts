import type { Range } from '../../../api/reports.ts'
import { fullDay, monthName, shortDay } from '../../../format/days.ts'
import { lengthOf, plusDays } from './range.ts'

/** How much one bar or point stands for, so that a chart never has more than some sixty of them. */
export type Grain = 'day' | 'week' | 'month'

export function grainOf(range: Range): Grain {
  const days = lengthOf(range)
  if (days <= 62) return 'day'
  return days <= 400 ? 'week' : 'month'
}

/** The first day of what a day falls into. Weeks begin on Monday. */
export function startOf(day: string, grain: Grain): string {
  if (grain === 'day') return day
  if (grain === 'month') return `${day.slice(0, 8)}01`
  return plusDays(day, -((new Date(day).getUTCDay() + 6) % 7))
}

type Sums<Key extends string> = Record<Key, number>
export type Bucket<Key extends string> = { start: string } & Sums<Key>

/**
 * Sums up days into buckets of one grain, from the first to the last of the range without a gap: days that the answer
 * leaves out are zero.
 */
export function bucketed<const Key extends string, Day extends { day: string } & Sums<Key>>(
  days: readonly Day[],
  keys: readonly Key[],
  range: Range,
): Bucket<Key>[] {
  const grain = grainOf(range)
  const buckets = new Map<string, Sums<Key>>()
  const zero = () => Object.fromEntries(keys.map((key) => [key, 0])) as Sums<Key>
  for (let day = range.from; day <= range.to; day = plusDays(day, 1)) {
    const start = startOf(day, grain)
    if (!buckets.has(start)) buckets.set(start, zero())
  }
  for (const entry of days) {
    const sums = buckets.get(startOf(entry.day, grain))
    if (sums) for (const key of keys) sums[key] += entry[key]
  }
  return [...buckets].map(([start, sums]) => ({ start, ...sums }))
}

/** Beside an axis. */
export const tickOf = (start: string, grain: Grain): string =>
  grain === 'month' ? monthName(start) : shortDay(start)

/** In a tooltip or a table. */
export function bucketName(start: string, grain: Grain): string {
  if (grain === 'month') return monthName(start)
  return grain === 'week' ? `Week of ${fullDay(start)}` : fullDay(start)
}

export const grainColumn: Record<Grain, string> = { day: 'Day', week: 'Week', month: 'Month' }

/** The bucket with the most of something; undefined if nothing has any. */
export function peak<Key extends string>(buckets: readonly Bucket<Key>[], key: Key): Bucket<Key> | undefined {
  const best = buckets.reduce<Bucket<Key> | undefined>(
    (most, bucket) => (most && most[key] >= bucket[key] ? most : bucket),
    undefined,
  )
  return best && best[key] > 0 ? best : undefined
}
