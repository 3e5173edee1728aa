import { formatTable, median } from '../scripts/output/table.ts'

/** Statistics of a few samples, and a plain table of them. */

export type Summary = { count: number; median: number; min: number; max: number }

/** Samples of one quantity. */
export type Series = { name: string; unit: string; samples: number[] }

/** Errors: no sample. */
export function mean(samples: number[]): number {
  if (samples.length === 0) throw new RangeError('no samples')
  return samples.reduce((sum, sample) => sum + sample, 0) / samples.length
}

export const summarise = (samples: number[]): Summary => ({
  count: samples.length,
  median: median(samples),
  min: Math.min(...samples),
  max: Math.max(...samples),
})

/** About three digits: more would be noise. */
export function formatNumber(value: number): string {
  const size = Math.abs(value)
  return value.toFixed(size >= 100 ? 0 : size >= 10 ? 1 : 2)
}

/** One line for each series, in the order given; series without samples are left out. */
export function formatSeries(series: Series[]): string {
  const rows = series
    .filter(({ samples }) => samples.length > 0)
    .map(({ name, unit, samples }) => {
      const { count, median, min, max } = summarise(samples)
      return [name, ...[median, min, max].map(formatNumber), unit, String(count)]
    })
  return formatTable(['', 'median', 'min', 'max', 'unit', 'samples'], rows)
}
