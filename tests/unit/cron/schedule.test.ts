import fc from 'fast-check'
import { createTask } from 'node-cron'
import { describe, expect, it } from 'vitest'
import { scheduleOf } from '../../../apps/cron/schedule.ts'

const at = (time: string) => new Date(time)
const slots = (expression: string, zone: string, from: string, to: string) =>
  scheduleOf(expression, zone)
    .between(at(from), at(to))
    .map((slot) => slot.toISOString().replace(':00.000Z', 'Z'))

describe('the slots of a schedule', () => {
  it('begin after a moment and include the last one', () => {
    expect(slots('*/15 * * * *', 'UTC', '2026-03-01T10:00Z', '2026-03-01T10:45Z')).toEqual([
      '2026-03-01T10:15Z',
      '2026-03-01T10:30Z',
      '2026-03-01T10:45Z',
    ])
  })

  it('are none when the beginning lies ahead', () => {
    expect(slots('* * * * *', 'UTC', '2026-03-01T11:00Z', '2026-03-01T10:00Z')).toEqual([])
  })

  it('go by seconds with six fields', () => {
    const found = scheduleOf('*/20 * * * * *').between(
      at('2026-03-01T10:00:20Z'),
      at('2026-03-01T10:01:05.5Z'),
    )
    expect(found.map((slot) => slot.toISOString().slice(14, 19))).toEqual(['00:40', '01:00'])
  })

  it('need the day of the month and the day of the week, if both are named', () => {
    expect(slots('0 0 13 * 5', 'UTC', '2026-01-01T00:00Z', '2026-12-31T00:00Z')).toEqual([
      '2026-02-13T00:00Z',
      '2026-03-13T00:00Z',
      '2026-11-13T00:00Z',
    ])
  })

  it('are those that node-cron finds, wherever clocks do not change', () => {
    const expressions = ['*/7 3-5 * * *', '0 9 * * 1-5', '30 */4 1,15 * *', '15,45 * * 2 *', '0 0 1 1 0']
    const day = fc.date({ min: at('2026-01-01'), max: at('2026-03-20'), noInvalidDate: true })
    fc.assert(
      fc.property(
        fc.constantFrom(...expressions),
        fc.constantFrom('UTC', 'Europe/Berlin', 'Asia/Kolkata'),
        day,
        (expression, zone, from) => {
          const until = new Date(from.getTime() + 6 * 3_600_000)
          const task = createTask(expression, () => {}, { timezone: zone })
          const expected: number[] = []
          for (
            let minute = Math.floor(from.getTime() / 60_000) * 60_000 + 60_000;
            minute <= until.getTime();
            minute += 60_000
          )
            if (task.match(new Date(minute))) expected.push(minute)
          expect(scheduleOf(expression, zone).between(from, until).map(Number)).toEqual(expected)
        },
      ),
      { numRuns: 30 },
    )
  })

  it.each(['* * * *', '61 * * * *', '0 0 L * *', '0 0 * * 1#2'])('are refused for %j', (expression) => {
    expect(() => scheduleOf(expression)).toThrow(RangeError)
  })

  it('are refused for a zone that nobody knows', () => {
    expect(() => scheduleOf('* * * * *', 'Europe/Atlantis')).toThrow(RangeError)
  })

  it('have a next one, or none within a year', () => {
    expect(scheduleOf('0 5 1 * *', 'Europe/Berlin').next(at('2026-03-02T00:00Z'))).toEqual(
      at('2026-04-01T03:00Z'),
    )
    expect(scheduleOf('0 0 29 2 *').next(at('2026-03-02T00:00Z'))).toBeUndefined()
  })
})

describe('when clocks go forward', () => {
  it('a time that is skipped runs where it would have been: 02:30 in Berlin at 03:30', () => {
    expect(slots('30 2 * * *', 'Europe/Berlin', '2026-03-28T00:00Z', '2026-03-31T00:00Z')).toEqual([
      '2026-03-28T01:30Z',
      '2026-03-29T01:30Z',
      '2026-03-30T00:30Z',
    ])
    expect(slots('30 2 * * *', 'America/New_York', '2026-03-07T00:00Z', '2026-03-10T00:00Z')).toEqual([
      '2026-03-07T07:30Z',
      '2026-03-08T07:30Z',
      '2026-03-09T06:30Z',
    ])
  })

  it('two times that fall together are one slot', () => {
    expect(slots('30 2,3 * * *', 'Europe/Berlin', '2026-03-29T00:00Z', '2026-03-29T12:00Z')).toEqual([
      '2026-03-29T01:30Z',
    ])
  })

  it('a change of half an hour is one of half an hour', () => {
    expect(slots('15 2 * * *', 'Australia/Lord_Howe', '2026-10-03T00:00Z', '2026-10-04T20:00Z')).toEqual([
      '2026-10-03T15:45Z',
      '2026-10-04T15:15Z',
    ])
  })

  it('what runs every hour keeps its distance', () => {
    expect(slots('0 * * * *', 'Europe/Berlin', '2026-03-28T23:30Z', '2026-03-29T03:00Z')).toEqual([
      '2026-03-29T00:00Z',
      '2026-03-29T01:00Z',
      '2026-03-29T02:00Z',
      '2026-03-29T03:00Z',
    ])
  })
})

describe('when clocks go back', () => {
  it('a time that comes twice runs the first time', () => {
    expect(slots('30 2 * * *', 'Europe/Berlin', '2026-10-24T00:00Z', '2026-10-27T00:00Z')).toEqual([
      '2026-10-24T00:30Z',
      '2026-10-25T00:30Z',
      '2026-10-26T01:30Z',
    ])
    expect(slots('30 1 * * *', 'America/New_York', '2026-10-31T00:00Z', '2026-11-03T00:00Z')).toEqual([
      '2026-10-31T05:30Z',
      '2026-11-01T05:30Z',
      '2026-11-02T06:30Z',
    ])
  })

  it('what runs every half hour keeps its distance', () => {
    const found = slots('*/30 * * * *', 'Europe/Berlin', '2026-10-24T23:30Z', '2026-10-25T02:30Z')
    expect(found).toHaveLength(6)
  })
})

it.each(['Europe/Berlin', 'America/New_York'])(
  'a time of day has one slot on each day of a year in %s',
  (zone) => {
    const day = new Intl.DateTimeFormat('en-CA', { timeZone: zone })
    for (const expression of ['0 0 * * *', '30 1 * * *', '30 2 * * *', '59 23 * * *']) {
      const found = scheduleOf(expression, zone).between(at('2026-01-01T12:00Z'), at('2027-01-01T12:00Z'))
      expect(found).toHaveLength(365)
      expect(new Set(found.map((slot) => day.format(slot))).size).toBe(365)
    }
  },
)
