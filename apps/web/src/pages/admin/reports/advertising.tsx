import type { AdvertisingReport as Advertising, AdvertisingChannel, Range } from '../../../api/reports.ts'
import { money } from '../../../format/money.ts'
import { count, orNothing, times } from '../../../format/numbers.ts'
import { Figure } from './figure.tsx'
import { FigureTable } from './figure-table.tsx'
import { OverTime } from './over-time.tsx'
import { Report } from './report.tsx'
import { bucketed } from './series.ts'
import { Tiles } from './tiles.tsx'

const isEmpty = ({ totals, channels }: Advertising) => totals.spend_cents === 0 && channels.length === 0

export function AdvertisingReport({ range }: { range: Range }) {
  return (
    <Report name="advertising" range={range} isEmpty={isEmpty}>
      {({ totals, channels, days }, before) => (
        <>
          <Totals now={totals} before={before?.totals} />
          <OverTime
            title="Spend and what it brought"
            range={range}
            buckets={bucketed(days, ['spend_cents', 'revenue_cents'], range)}
            about="revenue_cents"
            format="money"
            series={[
              { key: 'revenue_cents', name: 'Revenue', colour: '--series-1', look: 'area' },
              { key: 'spend_cents', name: 'Spend', colour: '--series-2', look: 'line' },
            ]}
          />
          <Channels channels={channels} />
        </>
      )}
    </Report>
  )
}

type Figures = Advertising['totals']

function Totals({ now, before }: { now: Figures; before: Figures | undefined }) {
  return (
    <Tiles
      tiles={[
        {
          name: 'Spend',
          value: now.spend_cents,
          before: before?.spend_cents,
          format: money,
          better: 'neither',
        },
        { name: 'Revenue', value: now.revenue_cents, before: before?.revenue_cents, format: money },
        {
          name: 'Return on spend',
          value: now.return_on_spend,
          before: before?.return_on_spend,
          format: times,
        },
        { name: 'Orders', value: now.orders, before: before?.orders, format: count },
        { name: 'Clicks', value: now.clicks, before: before?.clicks, format: count },
      ]}
    />
  )
}

function Channels({ channels }: { channels: AdvertisingChannel[] }) {
  const rows = [...channels].sort((a, b) => b.spend_cents - a.spend_cents)
  const first = rows[0]
  if (!first) return null
  const gain = orNothing(first.return_on_spend, (value) => times(value))
  return (
    <Figure
      title="Channels"
      says={`Most was spent on ${first.channel}: ${money(first.spend_cents)}, which came back ${gain}.`}
      layout="rows"
      format="money"
      points={rows.map(({ channel, spend_cents, revenue_cents }) => ({
        name: channel,
        title: channel,
        spend_cents,
        revenue_cents,
      }))}
      series={[
        { key: 'revenue_cents', name: 'Revenue', colour: '--series-1', look: 'bar' },
        { key: 'spend_cents', name: 'Spend', colour: '--series-2', look: 'bar' },
      ]}
      open
      table={
        <FigureTable
          caption="Advertising by channel"
          rows={rows}
          rowKey={({ channel }) => channel}
          first={{ by: 'Spend', descending: true }}
          columns={[
            { title: 'Channel', cell: ({ channel }) => channel, value: ({ channel }) => channel, text: true },
            number('Spend', (row) => row.spend_cents, money),
            number('Revenue', (row) => row.revenue_cents, money),
            number('Return', (row) => row.return_on_spend, times),
            number('Orders', (row) => row.orders, count),
            number('Cost per order', (row) => row.cost_per_order_cents, money),
            number('Clicks', (row) => row.clicks, count),
            number('Impressions', (row) => row.impressions, count),
          ]}
        />
      }
    />
  )
}

function number(
  title: string,
  value: (row: AdvertisingChannel) => number | null,
  format: (value: number) => string,
) {
  const cell = (row: AdvertisingChannel) => orNothing(value(row), (known) => format(known))
  return { title, cell, value }
}
