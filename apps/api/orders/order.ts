/** An order as clients see it; times are ISO 8601. */
export type Order = {
  id: string
  status: string
  email: string
  total_cents: number
  created_at: string
  paid_at: string | null
  completed_at: string | null
  cancelled_at: string | null
  refunded_at: string | null
  /** why the shop has cancelled it */
  failure?: string
  /** only tests whether ordering works */
  probe?: true
  items: { product_id: number; name: string; quantity: number; price_cents: number }[]
}

/** An order as administrators see it. */
export type OwnedOrder = Order & { user_id: string | null }

/** What is read of an order: its lines too, in the order in which products are locked. */
export const withItems = {
  items: { orderBy: { productId: 'asc' }, include: { product: { select: { name: true } } } },
} as const

type Row = {
  id: string
  status: string
  email: string
  totalCents: number
  createdAt: Date
  paidAt: Date | null
  completedAt: Date | null
  cancelledAt: Date | null
  refundedAt: Date | null
  failure: string | null
  probe: boolean
  items: { productId: number; quantity: number; priceCents: number; product: { name: string } }[]
}

/** The row of an order in the form that clients see. */
export function toOrder(row: Row): Order {
  return {
    id: row.id,
    status: row.status,
    email: row.email,
    total_cents: row.totalCents,
    created_at: row.createdAt.toISOString(),
    paid_at: moment(row.paidAt),
    completed_at: moment(row.completedAt),
    cancelled_at: moment(row.cancelledAt),
    refunded_at: moment(row.refundedAt),
    ...(row.failure !== null && { failure: row.failure }),
    ...(row.probe && { probe: true }),
    items: row.items.map(({ productId, quantity, priceCents, product }) => ({
      product_id: productId,
      name: product.name,
      quantity,
      price_cents: priceCents,
    })),
  }
}

const moment = (date: Date | null): string | null => date?.toISOString() ?? null
