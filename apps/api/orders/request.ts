import { createHash } from 'node:crypto'
import { z } from 'zod'
import { orderStatuses } from '../../core/order-status.ts'
import { HttpError } from '../errors.ts'
import { pageQuery } from '../pagination.ts'

/** What an order may come to: as much as its row and that of its payment hold. */
export const MOST_CENTS = 2_147_483_647

const address = z.email().max(254)

/** What a client sends to order; the address of a signed-in user is known. */
export const orderRequest = z.object({
  email: address.optional(),
  items: z
    .array(
      z.object({
        product_id: z.int().positive().max(2_147_483_647),
        quantity: z.int().min(1).max(1000),
      }),
    )
    .min(1)
    .max(50),
  channel: z
    .string()
    .regex(/^[a-z0-9][a-z0-9-]{0,31}$/)
    .default('web')
    .meta({ description: 'where the customer came from, such as newsletter' }),
})

const guestRequest = orderRequest.required({ email: true })

/** Which orders a list shows. */
export const pageRequest = pageQuery()

export const adminPageRequest = pageRequest.extend({ status: z.enum(orderStatuses).optional() })

export type AdminPage = z.infer<typeof adminPageRequest>

export type Item = { productId: number; quantity: number }
/**
 * `email`: undefined means the user's own. `userId`: who orders, undefined for a guest. `probe`: the kit orders to see
 * whether ordering works; nothing is sold. `channel`: where the customer came from.
 */
export type OrderRequest = {
  email: string | undefined
  userId: string | undefined
  items: Item[]
  key: string
  probe: boolean
  channel: string
}

/** Whether the kit itself asks: the edge lets this header through only together with the kit's token. */
export const isProbe = (header: string | undefined): boolean => header === '1'

/** Checks the key under which a client may repeat an order without ordering twice. */
export function idempotencyKey(header: string | undefined): string {
  if (!header) throw new HttpError(400, 'the header Idempotency-Key is required: one key for each order')
  if (!/^[A-Za-z0-9._-]{8,128}$/.test(header)) {
    throw new HttpError(400, 'Idempotency-Key should be 8 to 128 of the characters A-Z a-z 0-9 . _ -')
  }
  return header
}

/**
 * Checks an order and gives it one form: a product named twice counts once with both quantities, and products come
 * in the order of their ids, in which they are locked too, so that two orders never wait for each other.
 */
export function toOrder(
  body: unknown,
  { key, userId, probe = false }: { key: string; userId?: string | undefined; probe?: boolean },
): OrderRequest {
  const { email, items, channel } = (userId === undefined ? guestRequest : orderRequest).parse(body ?? {})
  const quantities = new Map<number, number>()
  for (const { product_id, quantity } of items) {
    quantities.set(product_id, (quantities.get(product_id) ?? 0) + quantity)
  }
  const merged = [...quantities].map(([productId, quantity]) => ({ productId, quantity }))
  merged.sort((one, other) => one.productId - other.productId)
  return { email, userId, items: merged, key, probe, channel }
}

/**
 * Two requests have the same hash exactly if they order the same for the same address, both in earnest or not. The
 * channel is no part of it: a retry by another link is no other order, and a release that knows no channels has to find
 * the same hash for a retry that comes to it during a deploy.
 */
export function hashOrder(email: string, items: Item[], probe = false): string {
  const lines = items.map(({ productId, quantity }) => [productId, quantity])
  const canonical = JSON.stringify([email, lines, ...(probe ? ['probe'] : [])])
  return createHash('sha256').update(canonical).digest('hex')
}
