/** Statistics of a few samples, and a plain table of them. */

export type Summary = { count: number; median: number; min: number; max: number }

/** Samples of one quantity. */
export type Series = { name: string; unit: string; samples: number[] }

/** The middle sample, or the mean of the middle two. Errors: no sample. */
export function median(samples: number[]): number {
  const sorted = samples.toSorted((a, b) => a - b)
  const [low, high] = [sorted[(sorted.length - 1) >> 1], sorted[sorted.length >> 1]]
  if (low === undefined || high === undefined) throw new RangeError('no samples')
  return (low + high) / 2
}

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

/** Columns as wide as their widest cell; all that holds numbers is aligned to the right. */
export function formatTable(head: string[], rows: string[][]): string {
  const widths = head.map((title, at) => Math.max(title.length, ...rows.map((row) => (row[at] ?? '').length)))
  const numeric = head.map(
    (_, at) => rows.length > 0 && rows.every((row) => /^-?\d+(\.\d+)?$/.test(row[at] ?? '')),
  )
  const line = (cells: string[]) =>
    cells
      .map((cell, at) => (numeric[at] ? cell.padStart(widths[at] ?? 0) : cell.padEnd(widths[at] ?? 0)))
      .join('  ')
      .trimEnd()
  return [head, ...rows].map(line).join('\n')
}
