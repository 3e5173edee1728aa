import {
  Area,
  Bar,
  BarChart,
  CartesianGrid,
  ComposedChart,
  Line,
  ReferenceLine,
  ResponsiveContainer,
  Tooltip,
  XAxis,
  YAxis,
} from 'recharts'
import { shortCount, shortMoney } from '../../../../format/numbers.ts'
import { Tip } from './tip.tsx'
import type { ChartParts, Format, Series } from './types.ts'

const HEIGHT = 280
const ROW_HEIGHT = 34
const tick = { fill: 'var(--ink-soft)', fontSize: 12 }
const grid = { stroke: 'var(--line)', strokeDasharray: '3 4' }
const still = { isAnimationActive: false } as const
const short = (format: Format) => (value: number) =>
  format === 'money' ? shortMoney(value) : shortCount(value)
/** Longer names are cut on the axis; tooltip and table have all of them. */
const NAME_LENGTH = 18
const cut = (name: string): string =>
  name.length > NAME_LENGTH ? `${name.slice(0, NAME_LENGTH - 1)}…` : name

function draw({ key, name, colour, look, dashed, stack }: Series) {
  const paint = `var(${colour})`
  const common = { dataKey: key, name, ...still }
  if (look === 'bar')
    return <Bar key={key} {...common} fill={paint} maxBarSize={36} {...(stack ? { stackId: stack } : {})} />
  const line = { stroke: paint, strokeWidth: 2, type: 'monotone' as const, activeDot: { r: 4 } }
  if (look === 'area')
    return <Area key={key} {...common} {...line} dot={false} fill={paint} fillOpacity={0.16} />
  return <Line key={key} {...common} {...line} dot={false} {...(dashed ? { strokeDasharray: '5 4' } : {})} />
}

/** Figures over time. */
export function TimeChart({ points, series, format }: ChartParts) {
  return (
    <ResponsiveContainer width="100%" height={HEIGHT}>
      <ComposedChart
        data={[...points]}
        accessibilityLayer={false}
        stackOffset="sign"
        margin={{ top: 8, right: 8, bottom: 0, left: 0 }}
      >
        <CartesianGrid {...grid} vertical={false} />
        <XAxis
          dataKey="name"
          tick={tick}
          tickLine={false}
          axisLine={false}
          interval="equidistantPreserveStart"
          minTickGap={16}
          tickMargin={8}
        />
        <YAxis
          tick={tick}
          tickLine={false}
          axisLine={false}
          width="auto"
          tickFormatter={short(format)}
          allowDecimals={format === 'money'}
        />
        <ReferenceLine y={0} stroke="var(--line-strong)" />
        <Tooltip
          {...still}
          cursor={{ fill: 'var(--sunken)', fillOpacity: 0.6, stroke: 'var(--line-strong)' }}
          content={(props) => <Tip {...props} series={series} format={format} />}
        />
        {series.map(draw)}
      </ComposedChart>
    </ResponsiveContainer>
  )
}

/** One row of bars for each name, from above to below. */
export function RowChart({ points, series, format }: ChartParts) {
  const bars = new Set(series.map(({ key, stack }) => stack ?? key)).size
  return (
    <ResponsiveContainer width="100%" height={points.length * ROW_HEIGHT * (bars > 1 ? 1.4 : 1) + 40}>
      <BarChart
        data={[...points]}
        layout="vertical"
        accessibilityLayer={false}
        stackOffset="sign"
        barCategoryGap="24%"
        barGap={2}
        margin={{ top: 0, right: 16, bottom: 0, left: 0 }}
      >
        <CartesianGrid {...grid} horizontal={false} />
        <XAxis type="number" tick={tick} tickLine={false} axisLine={false} tickFormatter={short(format)} />
        <YAxis
          type="category"
          dataKey="name"
          tick={tick}
          tickFormatter={cut}
          tickLine={false}
          axisLine={false}
          width="auto"
          interval={0}
        />
        <Tooltip
          {...still}
          cursor={{ fill: 'var(--sunken)', fillOpacity: 0.6 }}
          content={(props) => <Tip {...props} series={series} format={format} />}
        />
        {series.map(draw)}
        <ReferenceLine x={0} stroke="var(--line-strong)" />
      </BarChart>
    </ResponsiveContainer>
  )
}
