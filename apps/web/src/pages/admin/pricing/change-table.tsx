import { useState } from 'react'
import { Link } from 'react-router'
import type { PlannedChange } from '../../../api/pricing.ts'
import { money } from '../../../format/money.ts'
import { count, orNothing, percent, percentChange } from '../../../format/numbers.ts'
import { TableHead } from '../../../ui/table-head.tsx'

/** So many rows at first: thousands would be slow. */
const AT_FIRST = 100

/** Prices as they are and as they would be. */
export function ChangeTable({ changes }: { changes: readonly PlannedChange[] }) {
  const [all, setAll] = useState(false)
  const shown = all ? changes : changes.slice(0, AT_FIRST)
  return (
    <>
      <table className="table">
        <caption className="visually-hidden">Prices that would change</caption>
        <TableHead columns={['Product', 'Now', 'New', 'Change', 'Margin', 'Why']} />
        <tbody>
          {shown.map((change) => (
            <ChangeRow key={change.product_id} change={change} />
          ))}
        </tbody>
      </table>
      {shown.length < changes.length ? (
        <div>
          <button type="button" className="button" onClick={() => setAll(true)}>
            Show all {count(changes.length)}
          </button>
        </div>
      ) : null}
    </>
  )
}

function ChangeRow({ change }: { change: PlannedChange }) {
  const { product_id, name, category, price_cents, new_price_cents, delta_percent } = change
  const rises = new_price_cents > price_cents
  return (
    <tr>
      <td data-label="Product">
        <span>
          <Link to={`/products/${product_id}`}>{name}</Link>
          {category ? <span className="small"> {category}</span> : null}
        </span>
      </td>
      <td data-label="Now" className="number">
        {money(price_cents)}
      </td>
      <td data-label="New" className="number">
        <strong>{money(new_price_cents)}</strong>
      </td>
      <td data-label="Change" className="number delta">
        <span>
          <span aria-hidden="true">{rises ? '▲' : '▼'}</span> {percentChange(delta_percent)}
        </span>
      </td>
      <td data-label="Margin" className="number">
        <span>
          {orNothing(change.margin_percent, (value) => percent(value))} →{' '}
          {orNothing(change.new_margin_percent, (value) => percent(value))}
        </span>
      </td>
      <td data-label="Why">
        <span>
          {change.reason}
          {change.rule ? <span className="small"> {change.rule}</span> : null}
        </span>
      </td>
    </tr>
  )
}
