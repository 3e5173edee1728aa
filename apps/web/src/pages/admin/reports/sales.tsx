import type { Range, SalesReport as Sales, SalesChannel } from '../../../api/reports.ts'
import { money } from '../../../format/money.ts'
import { count, percent } from '../../../format/numbers.ts'
import { Figure } from './figure.tsx'
import { FigureTable } from './figure-table.tsx'
import { OverTime } from './over-time.tsx'
import { lengthOf, plusDays } from './range.ts'
import { Report } from './report.tsx'
import { bucketed } from './series.ts'
import { Tiles } from './tiles.tsx'

const isEmpty = ({ totals }: Sales) => totals.orders === 0 && totals.refunded_cents === 0

export function SalesReport({ range }: { range: Range }) {
  return (
    <Report name="sales" range={range} isEmpty={isEmpty}>
      {(report, before) => (
        <>
          <Totals now={report.totals} before={before?.totals} />
          <Revenue report={report} before={before} range={range} />
          <OverTime
            title="Orders"
            range={range}
            buckets={bucketed(report.days, ['orders', 'items'], range)}
            about="orders"
            format="count"
            series={[{ key: 'orders', name: 'Orders', colour: '--series-3', look: 'bar' }]}
            more={[{ key: 'items', name: 'Items', format: 'count' }]}
          />
          <Channels channels={report.channels} revenue={report.totals.revenue_cents} />
        </>
      )}
    </Report>
  )
}

function Totals({ now, before }: { now: Sales['totals']; before: Sales['totals'] | undefined }) {
  return (
    <Tiles
      tiles={[
        { name: 'Revenue', value: now.revenue_cents, before: before?.revenue_cents, format: money },
        { name: 'Orders', value: now.orders, before: before?.orders, format: count },
        { name: 'Average order', value: now.average_cents, before: before?.average_cents, format: money },
        { name: 'Items', value: now.items, before: before?.items, format: count },
        {
          name: 'Refunded',
          value: now.refunded_cents,
          before: before?.refunded_cents,
          format: money,
          better: 'down',
        },
      ]}
    />
  )
}

function Revenue({ report, before, range }: { report: Sales; before: Sales | undefined; range: Range }) {
  // Laid over these days, so that the first of both periods stand above each other.
  const earlier = (before?.days ?? []).map(({ day, revenue_cents }) => ({
    day: plusDays(day, lengthOf(range)),
    earlier_cents: revenue_cents,
  }))
  const then = bucketed(earlier, ['earlier_cents'], range)
  const buckets = bucketed(report.days, ['revenue_cents', 'refunded_cents'], range).map((bucket, index) => ({
    ...bucket,
    earlier_cents: then[index]?.earlier_cents ?? 0,
  }))
  return (
    <OverTime
      title="Revenue"
      range={range}
      buckets={buckets}
      about="revenue_cents"
      format="money"
      series={[
        { key: 'revenue_cents', name: 'Revenue', colour: '--series-1', look: 'area' },
        ...(before
          ? [
              {
                key: 'earlier_cents' as const,
                name: 'The period before',
                colour: '--series-quiet' as const,
                look: 'line' as const,
                dashed: true,
              },
            ]
          : []),
      ]}
      more={[{ key: 'refunded_cents', name: 'Refunded', format: 'money' }]}
    />
  )
}

/** Orders that no link of a campaign led to. */
const DIRECT = 'web'
const nameOf = ({ channel }: SalesChannel): string =>
  channel === DIRECT ? 'No campaign' : (channel ?? 'Not known')

function Channels({ channels, revenue }: { channels: SalesChannel[]; revenue: number }) {
  const rows = [...channels].sort((a, b) => b.revenue_cents - a.revenue_cents)
  const first = rows[0]
  if (!first) return null
  const share = (cents: number) => percent(revenue > 0 ? (cents / revenue) * 100 : 0)
  return (
    <Figure
      title="Where customers came from"
      says={`${nameOf(first)} brought the most: ${money(first.revenue_cents)}, ${share(first.revenue_cents)} of all.`}
      layout="rows"
      format="money"
      points={rows.map((row) => ({
        name: nameOf(row),
        title: nameOf(row),
        revenue_cents: row.revenue_cents,
      }))}
      series={[{ key: 'revenue_cents', name: 'Revenue', colour: '--series-1', look: 'bar' }]}
      open
      table={
        <FigureTable
          caption="Revenue by channel"
          rows={rows}
          rowKey={nameOf}
          columns={[
            { title: 'Channel', cell: nameOf, text: true },
            { title: 'Orders', cell: ({ orders }) => count(orders) },
            { title: 'Revenue', cell: ({ revenue_cents }) => money(revenue_cents) },
            { title: 'Share', cell: ({ revenue_cents }) => share(revenue_cents) },
          ]}
        />
      }
    />
  )
}
