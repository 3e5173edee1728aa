import { describe, expect, it } from 'vitest'
import { formatNumber, formatSeries, summarise } from '../../../bench/table.ts'
import { formatTable, median } from '../../../scripts/output/table.ts'

describe('statistics', () => {
  it('takes the middle sample, or the mean of the middle two', () => {
    expect(median([9, 1, 5])).toBe(5)
    expect(median([4, 1, 2, 100])).toBe(3)
    expect(median([7])).toBe(7)
  })
  it('does not reorder what it was given', () => {
    const samples = [3, 1, 2]
    median(samples)
    expect(samples).toEqual([3, 1, 2])
  })
  it('has no median of nothing', () => {
    expect(() => median([])).toThrow('no samples')
  })
  it('sums up', () => {
    expect(summarise([10, 2, 4])).toEqual({ count: 3, median: 4, min: 2, max: 10 })
  })
})

describe('the table', () => {
  it('shows about three digits', () => {
    expect([0.1234, 9.999, 12.34, 123.4].map(formatNumber)).toEqual(['0.12', '10.00', '12.3', '123'])
  })
  it('aligns numbers to the right and words to the left', () => {
    expect(
      formatTable(
        ['name', 'n'],
        [
          ['a', '5'],
          ['longer', '10'],
        ],
      ),
    ).toBe(['name     n', 'a        5', 'longer  10'].join('\n'))
  })
  it('has a line for each series that has samples', () => {
    const lines = formatSeries([
      { name: 'wall', unit: 'ms', samples: [1, 3, 2] },
      { name: 'none', unit: 'ms', samples: [] },
    ]).split('\n')
    expect(lines).toHaveLength(2)
    expect(lines[1]?.split(/\s+/)).toEqual(['wall', '2.00', '1.00', '3.00', 'ms', '3'])
  })
})
