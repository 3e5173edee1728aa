import type { Client } from '../api/client.ts'
import { ApiError } from '../api/problem.ts'
import { readJson, type Store } from '../api/storage.ts'
import type { Order, OrderRequest } from '../api/types.ts'

/** What was asked for under one key while it is not known whether, and which of it, was placed. */
type Attempt = { key: string; sent: OrderRequest[] }

/** `earlier`: what was placed is not this request but one before it, whose answer had been lost. */
export type Placed = { order: Order; key: string; earlier: boolean }

export const ATTEMPT = 'ecomweb.order-attempt'
const KEY_OF_ANOTHER_ORDER = 422

/**
 * Places an order exactly once, however often it is tried and wherever the connection broke.
 *
 * The key is kept, also through a reload of the page, until the API has answered with an order. A later attempt goes
 * out under the same key even if the cart was changed in between: if an earlier one had arrived after all, the API
 * refuses its key for anything else, and then the earlier order is asked for and returned instead of a second one.
 */
export async function placeOrder(
  request: OrderRequest,
  { api, store, newKey }: { api: Client; store: Store; newKey: () => string },
): Promise<Placed> {
  const { key, sent } = readAttempt(store) ?? { key: newKey(), sent: [] }
  const post = async (body: OrderRequest): Promise<Order> =>
    (await api<{ order: Order }>('/api/orders', { method: 'POST', body, idempotencyKey: key })).order

  const earlier = sent.filter((body) => !isSame(body, request))
  store.setItem(ATTEMPT, JSON.stringify({ key, sent: [...earlier, request] }))
  try {
    for (const [index, body] of [request, ...earlier].entries()) {
      const order = await post(body).catch((error) => {
        if (index < earlier.length && isStatus(error, KEY_OF_ANOTHER_ORDER)) return undefined
        throw error
      })
      if (!order) continue
      store.removeItem(ATTEMPT)
      return { order, key, earlier: index > 0 }
    }
    throw new Error('one of the requests was answered or thrown')
  } catch (error) {
    // A clear no to the only request under this key: nothing was placed, and the next order may have its own.
    if (sent.length === 0 && isRefusal(error)) store.removeItem(ATTEMPT)
    throw error
  }
}

/** A random key; randomUUID exists in secure contexts only, and shops are tried out without HTTPS. */
export function randomKey(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16))
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('')
}

function readAttempt(store: Store): Attempt | undefined {
  const { key, sent } = (readJson(store, ATTEMPT) ?? {}) as Partial<Attempt>
  return typeof key === 'string' && Array.isArray(sent) ? { key, sent } : undefined
}

const isSame = (one: OrderRequest, other: OrderRequest): boolean =>
  JSON.stringify(one) === JSON.stringify(other)

const isStatus = (error: unknown, status: number): boolean =>
  error instanceof ApiError && error.status === status

/** Whether the API has decided, rather than being out of reach, too slow or too busy. */
const isRefusal = (error: unknown): boolean =>
  error instanceof ApiError && error.status < 500 && error.status !== 408 && error.status !== 429
