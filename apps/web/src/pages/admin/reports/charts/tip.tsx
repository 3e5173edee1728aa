import { money } from '../../../../format/money.ts'
import { count } from '../../../../format/numbers.ts'
import type { Format, Point, Series } from './types.ts'

type Tip = {
  active?: boolean
  payload?: readonly { payload?: Point }[]
  series: readonly Series[]
  format: Format
}

/** What the pointer is at: all figures of that point that are known. */
export function Tip({ active, payload, series, format }: Tip) {
  const point = payload?.[0]?.payload
  if (!active || !point) return null
  const known = series.filter(({ key }) => typeof point[key] === 'number')
  const written = format === 'money' ? money : count
  return (
    <div className="chart-tip">
      <p>{point.title}</p>
      <dl>
        {known.map(({ key, name, colour, dashed }) => (
          <div key={key}>
            <dt>
              <Swatch colour={colour} dashed={dashed ?? false} /> {name}
            </dt>
            <dd className="number">{written(Number(point[key]))}</dd>
          </div>
        ))}
      </dl>
    </div>
  )
}

export const Swatch = ({ colour, dashed = false }: { colour: string; dashed?: boolean }) => (
  <svg className="swatch" viewBox="0 0 16 12" aria-hidden="true" focusable="false">
    {dashed ? (
      <path d="M0 6h16" stroke={`var(${colour})`} strokeWidth="3" strokeDasharray="4 2" />
    ) : (
      <rect width="16" height="12" rx="3" fill={`var(${colour})`} />
    )}
  </svg>
)
