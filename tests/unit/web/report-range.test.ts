import { describe, expect, it } from 'vitest'
import {
  chosenRange,
  lengthOf,
  plusDays,
  presetRange,
  rangeBefore,
  rangeError,
  withRange,
} from '../../../apps/web/src/pages/admin/reports/range.ts'

const now = new Date('2026-03-02T23:30:00Z')
const params = (text: string) => new URLSearchParams(text)

describe('the range of a report', () => {
  it.each([
    ['7', { from: '2026-02-24', to: '2026-03-02' }, 7],
    ['30', { from: '2026-02-01', to: '2026-03-02' }, 30],
    ['90', { from: '2025-12-03', to: '2026-03-02' }, 90],
    ['month', { from: '2026-03-01', to: '2026-03-02' }, 2],
  ] as const)('preset %s ends today, by UTC, and counts both ends', (preset, range, days) => {
    expect(presetRange(preset, now)).toEqual(range)
    expect(lengthOf(range)).toBe(days)
  })

  it('comes from the address: two days, a preset, or 30 days', () => {
    expect(chosenRange(params('from=2026-01-05&to=2026-01-31&range=7'), now)).toEqual({
      range: { from: '2026-01-05', to: '2026-01-31' },
      preset: 'custom',
    })
    expect(chosenRange(params('range=month'), now).preset).toBe('month')
    for (const text of ['', 'range=8', 'from=2026-01-05', 'from=2026-02-30&to=2026-03-01', 'from=x&to=y'])
      expect(chosenRange(params(text), now).preset).toBe('30')
  })

  it.each([
    ['2026-01-02', '2026-01-01', /after/],
    ['', '2026-01-01', /needed/],
    ['2026-02-30', '2026-03-01', /needed/],
    ['2024-01-01', '2026-01-01', /731/],
    ['2024-01-01', '2025-12-31', undefined],
    ['2026-01-01', '2026-01-01', undefined],
  ])('from %j to %j is told: %s', (from, to, told) => {
    if (told) expect(rangeError(from, to)).toMatch(told)
    else expect(rangeError(from, to)).toBeUndefined()
  })

  it('goes into the address without what belonged to another one', () => {
    const start = params('range=7&page=3&kind=costs')
    expect(String(withRange(start, { from: '2026-01-01', to: '2026-01-02' }))).toBe(
      'kind=costs&from=2026-01-01&to=2026-01-02',
    )
    expect(String(withRange(params('from=2026-01-01&to=2026-01-02'), '90'))).toBe('range=90')
    expect(String(withRange(start, '30'))).toBe('kind=costs')
  })

  it('has as many days before it, across a change of the clock', () => {
    const range = { from: '2026-03-20', to: '2026-04-08' }
    const before = rangeBefore(range)
    expect(before).toEqual({ from: '2026-02-28', to: '2026-03-19' })
    expect(lengthOf(before)).toBe(lengthOf(range))
    expect(plusDays(before.to, 1)).toBe(range.from)
  })
})
