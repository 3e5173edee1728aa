import type { OutboxEvent } from '../../core/outbox.ts'
import type { Principal } from '../auth/principal.ts'
import { oncePer } from './once-per.ts'

/** Who a stream is for: this decides what it carries. */
export type Viewer = 'guest' | 'admin' | `user:${string}`

/** The viewer that a principal is; a guest without one. */
export function viewerOf(principal: Principal | undefined): Viewer {
  if (!principal) return 'guest'
  return principal.role === 'admin' ? 'admin' : `user:${principal.id}`
}

/**
 * What a viewer sees of an event: an order's event if the order is theirs (an administrator's are all), otherwise what
 * it did to the stock, under the same id and without a word of the order, or nothing if it moved none. One event has
 * two views at most, each the same object for everybody, so that it is rendered once and not for each client.
 */
export function viewOf(event: OutboxEvent, viewer: Viewer): OutboxEvent | undefined {
  if (event.event === STOCK_CHANGED) return stockView(event)
  const own = event.userId !== null && viewer === `user:${event.userId}`
  return own || viewer === 'admin' ? event : stockView(event)
}

const STOCK_CHANGED = 'stock.changed'

const stockView = oncePer(({ id, data: { stock, at } }: OutboxEvent): OutboxEvent | undefined =>
  stock?.length ? { id, event: STOCK_CHANGED, userId: null, data: { stock, at } } : undefined,
)
