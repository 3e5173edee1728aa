/** The middle sample, or the mean of the middle two. Errors: no sample. */
export function median(samples: number[]): number {
  const sorted = samples.toSorted((a, b) => a - b)
  const [low, high] = [sorted[(sorted.length - 1) >> 1], sorted[sorted.length >> 1]]
  if (low === undefined || high === undefined) throw new RangeError('no samples')
  return (low + high) / 2
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
