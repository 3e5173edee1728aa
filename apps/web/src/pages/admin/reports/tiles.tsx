import { NOTHING, percentChange, pointsChange } from '../../../format/numbers.ts'
import { type Change, changeOf, toneOf } from './change.ts'

export type Tile = {
  name: string
  value: number | null
  /** The same figure of the period before; undefined while it is not known. */
  before: number | null | undefined
  format: (value: number) => string
  better?: 'up' | 'down' | 'neither'
  /** The figure is a percentage: it changes by points. */
  inPoints?: boolean
}

/** The figures that matter most, each with how it stands to the period before. */
export function Tiles({ tiles }: { tiles: readonly Tile[] }) {
  return (
    <dl className="tiles">
      {tiles.map((tile) => (
        <OneTile key={tile.name} {...tile} />
      ))}
    </dl>
  )
}

function OneTile({ name, value, before, format, better = 'up', inPoints = false }: Tile) {
  const change = changeOf(value, before)
  return (
    <div className="card tile">
      <dt>{name}</dt>
      <dd className="tile-value number">{value === null ? NOTHING : format(value)}</dd>
      <dd className={`tile-change tile-${change ? toneOf(change, better) : 'plain'}`}>
        {change && typeof before === 'number' ? (
          <>
            <span aria-hidden="true">{arrows[change.direction]}</span> {words(change, inPoints)}{' '}
            <span className="small">from {format(before)}</span>
          </>
        ) : (
          <span className="small">No figure before</span>
        )}
      </dd>
    </div>
  )
}

const arrows: Record<Change['direction'], string> = { up: '▲', down: '▼', same: '●' }

function words({ direction, difference, percent }: Change, inPoints: boolean): string {
  if (direction === 'same') return 'unchanged'
  if (inPoints) return pointsChange(difference)
  return percent === undefined ? direction : percentChange(percent)
}
