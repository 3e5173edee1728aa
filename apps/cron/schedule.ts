/**
 * Slots are the instants that a schedule names. Everything here is arithmetic: the time is an argument.
 *
 * When clocks change: a schedule that names hours (`30 2 * * *`) runs once for each local time that it names. A time
 * that spring skips is taken as if clocks had not changed yet (02:30 in Berlin becomes 03:30, the same 01:30 UTC), of
 * one that autumn repeats the first counts. A schedule for every hour (`*\/5 * * * *`, `0 * * * *`) goes by what the
 * clock shows: nothing is made up for the hour that spring skips, and the one that autumn repeats has its slots twice,
 * so that their distance never changes.
 *
 * node-cron reads the expression, but its own matching leaves out what spring skips, hence the arithmetic here.
 */
import { type ParsedFields, parse } from 'node-cron'
import { type Zone, zoneOf } from './zone.ts'

const SECOND_MS = 1000
const MINUTE_MS = 60_000
const QUARTER_MS = 900_000
const LONGEST_CHANGE_MS = 3 * 3_600_000

export type Schedule = {
  expression: string
  timeZone: string
  /** The slots after `after` up to and including `upTo`, oldest first. */
  between(after: Date, upTo: Date): Date[]
  /** The first slot after `after`; undefined if there is none in the 400 days that follow. */
  next(after: Date): Date | undefined
}

/**
 * A cron expression of five fields, or six with seconds first, in an IANA time zone. Where both are restricted, the day
 * of the month AND the day of the week have to fit, as in node-cron. Errors: RangeError, also for L, W and #.
 */
export function scheduleOf(expression: string, timeZone = 'UTC'): Schedule {
  const fields = readFields(expression)
  const zone = zoneOf(timeZone)
  return {
    expression,
    timeZone,
    between: (after, upTo) => [...slots(fields, zone, after, upTo)],
    next: (after) => slots(fields, zone, after, new Date(after.getTime() + 400 * 86_400_000)).next().value,
  }
}

type Fields = Record<keyof ParsedFields, ReadonlySet<number>>

function readFields(expression: string): Fields {
  try {
    const parsed = parse(expression)
    const read = (name: keyof ParsedFields) => new Set(parsed[name].map(numberOf))
    return {
      ...{ second: read('second'), minute: read('minute'), hour: read('hour') },
      ...{ dayOfMonth: read('dayOfMonth'), month: read('month'), dayOfWeek: read('dayOfWeek') },
    }
  } catch (error) {
    throw new RangeError(`"${expression}" is no cron expression: ${(error as Error).message}`)
  }
}

function numberOf(value: number | string): number {
  if (typeof value === 'number') return value
  throw new RangeError(`${value} is not supported`)
}

/** Goes by quarters of an hour, within which neither the offset nor the local hour changes. */
function* slots(fields: Fields, zone: Zone, after: Date, upTo: Date): Generator<Date, undefined> {
  const first = Math.floor(after.getTime() / QUARTER_MS) * QUARTER_MS
  for (let quarter = first; quarter <= upTo.getTime(); quarter += QUARTER_MS) {
    const walls = wallsOf(quarter, zone, fields.hour.size < 24).filter((wall) => fitsHour(fields, wall))
    if (walls.length === 0) continue
    for (let passed = 0; passed < QUARTER_MS; passed += MINUTE_MS) {
      const fits = walls.some((wall) => fields.minute.has(new Date(wall + passed).getUTCMinutes()))
      if (!fits) continue
      for (let second = 0; second < 60; second++) {
        const slot = quarter + passed + second * SECOND_MS
        if (slot > upTo.getTime()) return
        if (slot > after.getTime() && fields.second.has(second)) yield new Date(slot)
      }
    }
  }
}

/** The local times, written as if they were UTC, that a quarter of an hour stands for in a schedule. */
function wallsOf(quarter: number, zone: Zone, namesHours: boolean): number[] {
  const offset = zone.offsetAt(quarter)
  const before = zone.offsetAt(quarter - LONGEST_CHANGE_MS)
  const change = Math.abs(offset - before)
  const justChanged = change > 0 && zone.offsetAt(quarter - change) === before
  if (!namesHours || !justChanged) return [quarter + offset]
  // Spring: this is also when the skipped time would have been. Autumn: this time was already.
  return offset > before ? [quarter + offset, quarter + before] : []
}

function fitsHour(fields: Fields, wall: number): boolean {
  const local = new Date(wall)
  return (
    fields.hour.has(local.getUTCHours()) &&
    fields.dayOfMonth.has(local.getUTCDate()) &&
    fields.month.has(local.getUTCMonth() + 1) &&
    fields.dayOfWeek.has(local.getUTCDay())
  )
}
