import { type ReactNode, useState } from 'react'
import { type Order, sorted } from './sorting.ts'

export type Column<Row> = {
  title: string
  cell: (row: Row) => ReactNode
  /** What the column is sorted by; without it, it cannot be. Numbers stand to the right. */
  value?: (row: Row) => string | number | null
  text?: boolean
}

type FigureTable<Row> = {
  caption: string
  columns: readonly Column<Row>[]
  rows: readonly Row[]
  /** The first column names the row. */
  rowKey: (row: Row) => string | number
  first?: Order
}

/** Figures in rows, which scroll in themselves when they need more room than there is. */
export function FigureTable<Row>({ caption, columns, rows, rowKey, first }: FigureTable<Row>) {
  const [order, setOrder] = useState(first)
  const by = columns.find(({ title }) => title === order?.by)
  const shown = order && by?.value ? sorted(rows, by.value, order.descending) : rows
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be within reach of the keyboard
    <section className="figures-scroll" tabIndex={0} aria-label={caption}>
      <table className="figures">
        <caption className="visually-hidden">{caption}</caption>
        <thead>
          <tr>
            {columns.map((column) => (
              <Head key={column.title} column={column} order={order} onOrder={setOrder} />
            ))}
          </tr>
        </thead>
        <tbody>
          {shown.map((row) => (
            <tr key={rowKey(row)}>
              {columns.map(({ title, cell, text }, index) =>
                index === 0 ? (
                  <th key={title} scope="row">
                    {cell(row)}
                  </th>
                ) : (
                  <td key={title} className={text ? undefined : 'number'}>
                    {cell(row)}
                  </td>
                ),
              )}
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  )
}

type Head<Row> = { column: Column<Row>; order: Order | undefined; onOrder: (order: Order) => void }

function Head<Row>({ column: { title, value, text }, order, onOrder }: Head<Row>) {
  const side = text ? undefined : 'number'
  if (!value || !order)
    return (
      <th scope="col" className={side}>
        {title}
      </th>
    )
  const chosen = order.by === title
  const direction = order.descending ? 'descending' : 'ascending'
  return (
    <th scope="col" className={side} aria-sort={chosen ? direction : undefined}>
      <button
        type="button"
        className="sort"
        onClick={() => onOrder({ by: title, descending: chosen ? !order.descending : !text })}
      >
        {title}
        <span aria-hidden="true">{chosen ? (order.descending ? ' ↓' : ' ↑') : ''}</span>
      </button>
    </th>
  )
}
