/** What a receiver is told of an order; money in cents. No address of the customer: who needs it asks the shop. */
export type AnnouncedOrder = {
  id: string
  totalCents: number
  channel: string
  completedAt: Date | null
  items: { productId: number; quantity: number; priceCents: number }[]
}

/** The same for every attempt, so that a receiver can drop doubles. */
export const deliveryOf = (orderId: string): string => `order.completed.${orderId}`

/** The body of the webhook. `sent_at` and `delivery` are inside of what is signed: see signature.ts. */
export function webhookBody(order: AnnouncedOrder, now: Date): string {
  return JSON.stringify({
    version: 1,
    delivery: deliveryOf(order.id),
    sent_at: now.toISOString(),
    event: 'order.completed',
    order: {
      id: order.id,
      total_cents: order.totalCents,
      channel: order.channel,
      completed_at: order.completedAt?.toISOString() ?? null,
      items: order.items.map(({ productId, quantity, priceCents }) => ({
        product_id: productId,
        quantity,
        price_cents: priceCents,
      })),
    },
  })
}
