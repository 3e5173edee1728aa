import type { Cohort, CustomersReport as Customers, Range } from '../../../api/reports.ts'
import { monthName } from '../../../format/days.ts'
import { money } from '../../../format/money.ts'
import { count, percent, plainPercent } from '../../../format/numbers.ts'
import { type Cell, cohortRows } from './cohorts.ts'
import { Figure } from './figure.tsx'
import { FigureTable } from './figure-table.tsx'
import { Report } from './report.tsx'
import { Tiles } from './tiles.tsx'

export function CustomersReport({ range }: { range: Range }) {
  return (
    <Report name="customers" range={range} isEmpty={({ totals }) => totals.customers === 0}>
      {({ totals, cohorts }, before) => (
        <>
          <Totals now={totals} before={before?.totals} />
          <FirstOrders cohorts={cohorts} />
          <Retention cohorts={cohorts} last={range.to} />
        </>
      )}
    </Report>
  )
}

type Figures = Customers['totals']

function Totals({ now, before }: { now: Figures; before: Figures | undefined }) {
  return (
    <Tiles
      tiles={[
        { name: 'Customers', value: now.customers, before: before?.customers, format: count },
        { name: 'New', value: now.new_customers, before: before?.new_customers, format: count },
        {
          name: 'Returning',
          value: now.returning_customers,
          before: before?.returning_customers,
          format: count,
        },
        {
          name: 'Repeat rate',
          value: now.repeat_percent,
          before: before?.repeat_percent,
          format: percent,
          inPoints: true,
        },
      ]}
    />
  )
}

function FirstOrders({ cohorts }: { cohorts: Cohort[] }) {
  const rows = [...cohorts].sort((a, b) => (a.month < b.month ? -1 : 1))
  const most = rows.reduce<Cohort | undefined>(
    (best, row) => (best && best.customers >= row.customers ? best : row),
    undefined,
  )
  if (!most) return null
  return (
    <Figure
      title="First orders"
      says={`Customers by the month of their first order. Most: ${count(most.customers)} in ${monthName(most.month)}.`}
      format="count"
      points={rows.map(({ month, customers }) => ({
        name: monthName(month),
        title: monthName(month),
        customers,
      }))}
      series={[{ key: 'customers', name: 'First orders', colour: '--series-3', look: 'bar' }]}
      table={
        <FigureTable
          caption="First orders by month"
          rows={rows}
          rowKey={({ month }) => month}
          columns={[
            { title: 'Month', cell: ({ month }) => monthName(month), text: true },
            { title: 'First orders', cell: ({ customers }) => count(customers) },
          ]}
        />
      }
    />
  )
}

/** A heat map that is a table: of those who came first in a month, how many bought again in each month after. */
function Retention({ cohorts, last }: { cohorts: Cohort[]; last: string }) {
  const rows = cohortRows(cohorts, last)
  const offsets = rows[0]?.cells.map((_, offset) => offset) ?? []
  if (rows.length === 0) return null
  return (
    <section className="card chart" aria-labelledby="retention">
      <div>
        <h2 id="retention">Who comes back</h2>
        <p className="small">
          Of the customers of each first month, the share that ordered so many months later. Month 0 is the
          first itself. A longer period has more months.
        </p>
      </div>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be within reach of the keyboard */}
      <section className="figures-scroll" tabIndex={0} aria-label="Cohorts">
        <table className="heat">
          <caption className="visually-hidden">Share of each cohort that ordered, by months since</caption>
          <thead>
            <tr>
              <th scope="col">First order</th>
              <th scope="col">Customers</th>
              {offsets.map((offset) => (
                <th key={offset} scope="col">
                  <span className="visually-hidden">Month </span>
                  {offset}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {rows.map(({ month, customers, cells }) => (
              <tr key={month}>
                <th scope="row">{monthName(month)}</th>
                <td className="number">{count(customers)}</td>
                {cells.map((cell, offset) => (
                  <HeatCell key={offsets[offset]} cell={cell} />
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </section>
    </section>
  )
}

function HeatCell({ cell }: { cell: Cell | undefined }) {
  if (!cell) return <td />
  const { share, level, customers, revenue_cents } = cell
  return (
    <td className={`heat-${level} number`} title={`${count(customers)} customers, ${money(revenue_cents)}`}>
      {plainPercent(Math.round(share))}
    </td>
  )
}
