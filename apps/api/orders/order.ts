/** An order as clients see it. */
export type Order = {
  id: string
  status: string
  email: string
  total_cents: number
  created_at: string
  completed_at: string | null
  /** only tests whether ordering works */
  probe?: true
  items: { product_id: number; quantity: number; price_cents: number }[]
}

/** What is read of an order: its lines too, in the order in which products are locked. */
export const withItems = { items: { orderBy: { productId: 'asc' } } } as const

type Row = {
  id: string
  status: string
  email: string
  totalCents: number
  createdAt: Date
  completedAt: Date | null
  probe: boolean
  items: { productId: number; quantity: number; priceCents: number }[]
}

/** The row of an order in the form that clients see. */
export function toOrder(row: Row): Order {
  return {
    id: row.id,
    status: row.status,
    email: row.email,
    total_cents: row.totalCents,
    created_at: row.createdAt.toISOString(),
    completed_at: row.completedAt?.toISOString() ?? null,
    ...(row.probe && { probe: true }),
    items: row.items.map(({ productId, quantity, priceCents }) => ({
      product_id: productId,
      quantity,
      price_cents: priceCents,
    })),
  }
}
