import { lazy, type ReactNode, Suspense, useId } from 'react'
import { Swatch } from './charts/tip.tsx'
import type { ChartParts } from './charts/types.ts'

// The charts weigh more than all the rest of the shop: only those who look at reports load them.
const charts = () => import('./charts/charts.tsx')
const TimeChart = lazy(async () => ({ default: (await charts()).TimeChart }))
const RowChart = lazy(async () => ({ default: (await charts()).RowChart }))
// While the figures are still on their way. Whoever then draws one hears of a failure.
charts().catch(() => {})

type Figure = ChartParts & {
  title: string
  /** What the chart shows, for those who do not see it and for those who want it in words. */
  says: ReactNode
  layout?: 'time' | 'rows'
  /** The same figures as a table. `open`: it is short enough to stand there from the start. */
  table: ReactNode
  open?: boolean
}

/** A chart with its title, what it says, its legend, and its figures as a table. */
export function Figure({ title, says, layout = 'time', table, open = false, ...parts }: Figure) {
  const id = useId()
  const Chart = layout === 'time' ? TimeChart : RowChart
  return (
    <figure className="card chart" aria-labelledby={id}>
      <figcaption>
        <h2 id={id}>{title}</h2>
        <p className="small">{says}</p>
      </figcaption>
      {/* The table below has the same figures, in an order that can be read. */}
      <div aria-hidden="true">
        {parts.series.length > 1 ? (
          <ul className="legend">
            {parts.series.map(({ key, name, colour, dashed }) => (
              <li key={key}>
                <Swatch colour={colour} dashed={dashed ?? false} /> {name}
              </li>
            ))}
          </ul>
        ) : null}
        <Suspense fallback={<div className="skeleton skeleton-chart" />}>
          <Chart {...parts} />
        </Suspense>
      </div>
      <details open={open}>
        <summary>
          The figures as a table<span className="visually-hidden">: {title}</span>
        </summary>
        {table}
      </details>
    </figure>
  )
}
