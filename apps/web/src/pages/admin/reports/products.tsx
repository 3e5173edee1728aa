import { useState } from 'react'
import { Link } from 'react-router'
import type { ProductFigures, Range } from '../../../api/reports.ts'
import { money } from '../../../format/money.ts'
import { count, orNothing, percent } from '../../../format/numbers.ts'
import type { Point } from './charts/types.ts'
import { Figure } from './figure.tsx'
import { FigureTable } from './figure-table.tsx'
import { Report } from './report.tsx'
import { sorted } from './sorting.ts'
import { type Tile, Tiles } from './tiles.tsx'

const TOP = 10
/** So many rows at first: a table of thousands would be slow, and nobody reads it. */
const AT_FIRST = 50

export function ProductsReport({ range }: { range: Range }) {
  return (
    <Report name="products" range={range} isEmpty={({ products }) => products.length === 0}>
      {({ products }, before) => (
        <>
          <Totals now={products} before={before?.products} />
          <Best products={products} />
          <AllProducts products={products} />
        </>
      )}
    </Report>
  )
}

function Totals({ now, before }: { now: ProductFigures[]; before: ProductFigures[] | undefined }) {
  const sum = (key: 'revenue_cents' | 'quantity', of: ProductFigures[]) =>
    of.reduce((total, product) => total + product[key], 0)
  const unknown = (of: ProductFigures[]) => of.filter(({ cost_cents }) => cost_cents === null).length
  const tile = (
    name: string,
    measure: (of: ProductFigures[]) => number,
    rest: Pick<Tile, 'format' | 'better'>,
  ): Tile => ({ name, value: measure(now), before: before && measure(before), ...rest })
  return (
    <Tiles
      tiles={[
        tile('Revenue', (of) => sum('revenue_cents', of), { format: money }),
        tile('Items sold', (of) => sum('quantity', of), { format: count }),
        tile('Products sold', (of) => of.filter(({ quantity }) => quantity > 0).length, { format: count }),
        tile('Without a known cost', unknown, { format: count, better: 'down' }),
      ]}
    />
  )
}

/** Revenue parts into cost and margin where the cost is known. */
function pointOf({ name, revenue_cents, cost_cents, margin_cents }: ProductFigures): Point {
  const unknown_cents = cost_cents === null ? revenue_cents : null
  return { name, title: name, cost_cents, margin_cents, unknown_cents }
}

function Best({ products }: { products: ProductFigures[] }) {
  const best = sorted(products, ({ revenue_cents }) => revenue_cents, true).slice(0, TOP)
  const first = best[0]
  if (!first) return null
  return (
    <Figure
      title={best.length < TOP ? 'Products by revenue' : `The ${TOP} products with the most revenue`}
      says={`${first.name} leads with ${money(first.revenue_cents)} from ${count(first.quantity)} sold.`}
      layout="rows"
      format="money"
      points={best.map(pointOf)}
      series={[
        { key: 'margin_cents', name: 'Margin', colour: '--series-1', look: 'bar', stack: 'revenue' },
        { key: 'cost_cents', name: 'Cost', colour: '--series-2', look: 'bar', stack: 'revenue' },
        {
          key: 'unknown_cents',
          name: 'Revenue, cost not known',
          colour: '--series-quiet',
          look: 'bar',
          stack: 'revenue',
        },
      ]}
      table={<ProductTable caption="Products with the most revenue" products={best} />}
    />
  )
}

function AllProducts({ products }: { products: ProductFigures[] }) {
  const [all, setAll] = useState(false)
  const shown = all
    ? products
    : sorted(products, ({ revenue_cents }) => revenue_cents, true).slice(0, AT_FIRST)
  return (
    <section className="stack" aria-labelledby="all-products">
      <h2 id="all-products">All products</h2>
      <ProductTable caption="Figures of all products" products={shown} />
      {shown.length < products.length ? (
        <div>
          <button type="button" className="button" onClick={() => setAll(true)}>
            Show all {count(products.length)}
          </button>
        </div>
      ) : null}
    </section>
  )
}

function ProductTable({ caption, products }: { caption: string; products: ProductFigures[] }) {
  return (
    <FigureTable
      caption={caption}
      rows={products}
      rowKey={({ product_id }) => product_id}
      first={{ by: 'Revenue', descending: true }}
      columns={[
        {
          title: 'Product',
          cell: ({ product_id, name }) => <Link to={`/products/${product_id}`}>{name}</Link>,
          value: ({ name }) => name,
          text: true,
        },
        {
          title: 'Category',
          cell: ({ category }) => category ?? '–',
          value: ({ category }) => category,
          text: true,
        },
        { title: 'Sold', cell: ({ quantity }) => count(quantity), value: ({ quantity }) => quantity },
        {
          title: 'Revenue',
          cell: ({ revenue_cents }) => money(revenue_cents),
          value: ({ revenue_cents }) => revenue_cents,
        },
        {
          title: 'Cost',
          cell: ({ cost_cents }) => orNothing(cost_cents, (cents) => money(cents)),
          value: ({ cost_cents }) => cost_cents,
        },
        {
          title: 'Margin',
          cell: ({ margin_cents }) => orNothing(margin_cents, (cents) => money(cents)),
          value: ({ margin_cents }) => margin_cents,
        },
        {
          title: 'Margin in %',
          cell: ({ margin_percent }) => orNothing(margin_percent, (value) => percent(value)),
          value: ({ margin_percent }) => margin_percent,
        },
        { title: 'In stock', cell: ({ stock }) => count(stock), value: ({ stock }) => stock },
      ]}
    />
  )
}
