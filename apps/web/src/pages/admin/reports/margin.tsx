import { Link } from 'react-router'
import type { MarginReport as Margin, MarginDay, Range } from '../../../api/reports.ts'
import { money } from '../../../format/money.ts'
import { percent } from '../../../format/numbers.ts'
import { OverTime } from './over-time.tsx'
import { Report } from './report.tsx'
import { bucketed } from './series.ts'
import { Tiles } from './tiles.tsx'

const UNKNOWN = {
  key: 'unknown_cents',
  name: 'Cost not known',
  colour: '--series-quiet',
  look: 'bar',
  stack: 'revenue',
} as const

const isEmpty = ({ totals }: Margin) => totals.revenue_cents === 0 && totals.spend_cents === 0

export function MarginReport({ range }: { range: Range }) {
  return (
    <Report name="margin" range={range} isEmpty={isEmpty}>
      {({ totals, days }, before) => (
        <>
          <Totals now={totals} before={before?.totals} />
          {totals.revenue_without_cost_cents > 0 ? (
            <p className="notice">
              <span>
                {money(totals.revenue_without_cost_cents)} of the revenue is of products whose cost is not
                known; it is no part of the margin.{' '}
                <Link to="/admin/reports/imports?kind=costs">Import their costs</Link>
              </span>
            </p>
          ) : null}
          <OverTime
            title="Where the revenue goes"
            range={range}
            buckets={bucketed(
              days.map(withUnknown),
              ['unknown_cents', 'margin_cents', 'cost_cents', 'spend_cents', 'revenue_cents'],
              range,
            )}
            about="margin_cents"
            format="money"
            series={[
              { key: 'margin_cents', name: 'Margin', colour: '--series-1', look: 'bar', stack: 'revenue' },
              { key: 'cost_cents', name: 'Products', colour: '--series-2', look: 'bar', stack: 'revenue' },
              {
                key: 'spend_cents',
                name: 'Advertising',
                colour: '--series-3',
                look: 'bar',
                stack: 'revenue',
              },
              ...(totals.revenue_without_cost_cents > 0 ? [UNKNOWN] : []),
            ]}
            more={[{ key: 'revenue_cents', name: 'Revenue', format: 'money' }]}
          />
        </>
      )}
    </Report>
  )
}

/** What is neither margin nor any cost: revenue of products whose cost nobody has told. */
function withUnknown(day: MarginDay) {
  return { ...day, unknown_cents: day.revenue_cents - day.margin_cents - day.cost_cents - day.spend_cents }
}

type Figures = Margin['totals']

function Totals({ now, before }: { now: Figures; before: Figures | undefined }) {
  return (
    <Tiles
      tiles={[
        { name: 'Revenue', value: now.revenue_cents, before: before?.revenue_cents, format: money },
        {
          name: 'Cost of products',
          value: now.cost_cents,
          before: before?.cost_cents,
          format: money,
          better: 'neither',
        },
        {
          name: 'Advertising',
          value: now.spend_cents,
          before: before?.spend_cents,
          format: money,
          better: 'neither',
        },
        { name: 'Margin', value: now.margin_cents, before: before?.margin_cents, format: money },
        {
          name: 'Margin in %',
          value: now.margin_percent,
          before: before?.margin_percent,
          format: percent,
          inPoints: true,
        },
      ]}
    />
  )
}
