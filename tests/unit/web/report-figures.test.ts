import { describe, expect, it } from 'vitest'
import {
  orNothing,
  percent,
  percentChange,
  plainPercent,
  pointsChange,
  shortMoney,
  times,
} from '../../../apps/web/src/format/numbers.ts'
import { changeOf, toneOf } from '../../../apps/web/src/pages/admin/reports/change.ts'
import { cohortRows, levelOf } from '../../../apps/web/src/pages/admin/reports/cohorts.ts'
import { bucketed, grainOf, peak, startOf } from '../../../apps/web/src/pages/admin/reports/series.ts'
import { sorted } from '../../../apps/web/src/pages/admin/reports/sorting.ts'

describe('figures', () => {
  it('are written as the reader is used to', () => {
    expect(percent(12, 'en-IE')).toBe('12.0%')
    expect(plainPercent(12.5, 'en-IE')).toBe('12.5%')
    expect(percentChange(-3.26, 'en-IE')).toBe('-3.3%')
    expect(percentChange(8, 'en-IE')).toBe('+8.0%')
    expect(pointsChange(-16.08, 'en-IE')).toBe('-16.1 points')
    expect(times(3.456, 'de-DE')).toBe('3,46×')
  })

  it('are short beside an axis, from cents to millions', () => {
    const written = [0, 1_150, 65_000, 1_234_500, 250_000_000].map((cents) => shortMoney(cents, 'en-IE'))
    expect(written).toEqual(['€0', '€11.5', '€650', '€12.3K', '€2.5M'])
  })

  it('that nobody knows are a dash, and nought is not one of them', () => {
    expect(orNothing(null, String)).toBe('–')
    expect(orNothing(0, String)).toBe('0')
  })
})

describe('a change to the period before', () => {
  it('is a share of that one, whatever its sign', () => {
    expect(changeOf(150, 100)).toEqual({ direction: 'up', difference: 50, percent: 50 })
    expect(changeOf(-50, -100)).toEqual({ direction: 'up', difference: 50, percent: 50 })
    expect(changeOf(5, 0)).toEqual({ direction: 'up', difference: 5, percent: undefined })
    expect(changeOf(null, 5)).toBeUndefined()
    expect(changeOf(5, null)).toBeUndefined()
  })

  it('is good or bad news, depending on what changed', () => {
    const up = { direction: 'up', difference: 1, percent: 1 } as const
    expect([toneOf(up, 'up'), toneOf(up, 'down'), toneOf(up, 'neither')]).toEqual(['good', 'bad', 'plain'])
    expect(toneOf({ direction: 'same', difference: 0, percent: 0 }, 'up')).toBe('plain')
  })
})

describe('days on a chart', () => {
  it('stand alone, in weeks from Monday, or in months, so that there are never too many', () => {
    expect(grainOf({ from: '2026-01-01', to: '2026-03-03' })).toBe('day')
    expect(grainOf({ from: '2026-01-01', to: '2026-12-31' })).toBe('week')
    expect(grainOf({ from: '2025-01-01', to: '2026-12-31' })).toBe('month')
    expect(startOf('2026-03-01', 'week')).toBe('2026-02-23')
    expect(startOf('2026-03-02', 'week')).toBe('2026-03-02')
    expect(startOf('2026-03-31', 'month')).toBe('2026-03-01')
  })

  it('without a figure are zero, and those outside are left out', () => {
    const days = [
      { day: '2026-03-01', cents: 5 },
      { day: '2026-03-03', cents: 7 },
      { day: '2026-03-09', cents: 1 },
    ]
    expect(bucketed(days, ['cents'], { from: '2026-03-01', to: '2026-03-04' })).toEqual([
      { start: '2026-03-01', cents: 5 },
      { start: '2026-03-02', cents: 0 },
      { start: '2026-03-03', cents: 7 },
      { start: '2026-03-04', cents: 0 },
    ])
  })

  it('add up to the same in weeks and months', () => {
    for (const to of ['2026-06-30', '2027-06-30']) {
      const range = { from: '2026-01-01', to }
      const days = bucketed([], [], { from: '2026-01-01', to: '2026-02-28' }).map(({ start }, index) => ({
        day: start,
        cents: index,
      }))
      const buckets = bucketed(days, ['cents'], range)
      expect(buckets.length).toBeLessThan(62)
      expect(buckets.reduce((sum, { cents }) => sum + cents, 0)).toBe((58 * 59) / 2)
    }
  })

  it('have a peak, unless there is nothing', () => {
    const buckets = [
      { start: 'a', cents: 1 },
      { start: 'b', cents: 3 },
      { start: 'c', cents: 3 },
    ]
    expect(peak(buckets, 'cents')?.start).toBe('b')
    expect(peak([{ start: 'a', cents: 0 }], 'cents')).toBeUndefined()
  })
})

describe('cohorts', () => {
  const month = (offset: number, customers: number) => ({
    offset,
    customers,
    orders: customers,
    revenue_cents: 9,
  })
  const rows = cohortRows(
    [
      { month: '2026-02', customers: 4, months: [month(0, 4)] },
      { month: '2025-12', customers: 10, months: [month(0, 10), month(2, 3)] },
    ],
    '2026-02-14',
  )

  it('are in order, with nobody in months without orders and nothing in months to come', () => {
    expect(rows.map((row) => row.month)).toEqual(['2025-12', '2026-02'])
    expect(rows.map(({ cells }) => cells.map((cell) => cell?.share))).toEqual([
      [100, 0, 30],
      [100, undefined, undefined],
    ])
  })

  it('are coloured in steps that only rise', () => {
    expect([0, 1, 5, 15, 30, 60, 100].map(levelOf)).toEqual([0, 1, 2, 3, 4, 5, 5])
  })
})

it('rows are sorted by size or alphabet, and what is unknown comes last either way', () => {
  const rows = [{ n: 2 }, { n: null }, { n: 10 }]
  expect(sorted(rows, ({ n }) => n, true).map(({ n }) => n)).toEqual([10, 2, null])
  expect(sorted(rows, ({ n }) => n, false).map(({ n }) => n)).toEqual([2, 10, null])
  expect(sorted(['b', 'a'], (text) => text, false)).toEqual(['a', 'b'])
})
