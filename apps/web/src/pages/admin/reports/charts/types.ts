/** One quantity of a chart. `colour` is a custom property of the style sheet. */
export type Series = {
  key: string
  name: string
  colour: `--${string}`
  look: 'bar' | 'area' | 'line'
  dashed?: boolean
  /** Bars with the same word stand on each other. */
  stack?: string
}

export type Format = 'money' | 'count'

/** `name` stands beside the axis, `title` in the tooltip. */
export type Point = { name: string; title: string } & Record<string, string | number | null>

export type ChartParts = { points: readonly Point[]; series: readonly Series[]; format: Format }
