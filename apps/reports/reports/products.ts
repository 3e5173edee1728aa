import { Prisma } from '../../../prisma/generated/client.ts'
import { type Plain, percent, plain } from './numbers.ts'
import type { Range } from './range.ts'
import { report } from './report.ts'
import { soldByProductAndDay } from './sql.ts'

type Row = {
  product_id: number
  name: string
  category: string
  quantity: bigint
  revenue_cents: bigint
  cost_cents: bigint | null
  stock: number
}

/**
 * The products that were sold, those that left the shop since too, by revenue. What a product cost is known only if it
 * is known for every piece.
 */
export const products = report({
  async compute(transaction, range) {
    const rows = await transaction.$queryRaw<Row[]>(salesByProduct(range))
    return { products: rows.map(plain).map(withMargin) }
  },
  tables: {
    products: ({ products }) => ({
      columns: [
        ...['product_id', 'name', 'category', 'quantity', 'revenue_cents', 'cost_cents'],
        ...['margin_cents', 'margin_percent', 'stock'],
      ],
      rows: products,
    }),
  },
})

function withMargin({ stock, ...figures }: Plain<Row>) {
  const { revenue_cents, cost_cents } = figures
  const margin_cents = cost_cents === null ? null : revenue_cents - cost_cents
  const margin_percent = margin_cents === null ? null : percent(margin_cents, revenue_cents)
  return { ...figures, margin_cents, margin_percent, stock }
}

const salesByProduct = (range: Range): Prisma.Sql => Prisma.sql`
  SELECT products.id AS product_id, name, category, sum(quantity)::bigint AS quantity,
    sum(revenue_cents)::bigint AS revenue_cents,
    CASE WHEN bool_and(cost_cents IS NOT NULL) THEN sum(cost_cents)::bigint END AS cost_cents, stock
  FROM (${soldByProductAndDay(range)}) AS sold JOIN products ON products.id = sold.product_id
  GROUP BY products.id ORDER BY revenue_cents DESC, products.id`
