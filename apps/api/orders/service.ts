import { HttpError } from '../errors.ts'
import type { Canceller } from './cancel.ts'
import type { Order } from './order.ts'
import type { OrderRepository } from './repository.ts'
import type { OrderRequest } from './request.ts'

/** What should happen once the database holds a change; none of it can undo the change, so none of it may fail. */
export type AfterCommit = { placed: (order: Order) => void; cancelled: (order: Order) => void }

export type OrderService = {
  /** Places an order once, however often it is asked with the same key. */
  place(request: OrderRequest): Promise<{ order: Order; created: boolean }>
  find(id: string): Promise<Order>
  /** Takes an order back that is not executed yet; answers it as it is then, however often it is asked. */
  cancel(id: string, by: Canceller): Promise<Order>
}

const uuid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i

const unknownOrder = (id: string): HttpError => new HttpError(404, `there is no order ${id}`)

export function orderService(repository: OrderRepository, afterCommit: AfterCommit): OrderService {
  return {
    async place(request) {
      const placed = await repository.place(request)
      switch (placed.outcome) {
        case 'created':
          afterCommit.placed(placed.order)
          return { order: placed.order, created: true }
        case 'existing':
          if (placed.sameRequest) return { order: placed.order, created: false }
          throw new HttpError(
            422,
            'this Idempotency-Key belongs to another order: use a new key for a new order',
          )
        case 'unknown product':
          throw new HttpError(404, `there is no product ${placed.productId}`)
        case 'out of stock':
          throw new HttpError(409, `product ${placed.productId} is out of stock for this quantity`)
      }
    },
    async find(id) {
      const order = uuid.test(id) ? await repository.find(id) : null
      if (!order) throw unknownOrder(id)
      return order
    },
    async cancel(id, by) {
      const cancelled = uuid.test(id) ? await repository.cancel(id, by) : ({ outcome: 'unknown' } as const)
      switch (cancelled.outcome) {
        case 'cancelled':
          afterCommit.cancelled(cancelled.order)
          return cancelled.order
        case 'already cancelled':
          return cancelled.order
        case 'unknown':
          throw unknownOrder(id)
        case 'not theirs':
          throw new HttpError(
            403,
            'an order is cancelled with the Idempotency-Key under which it was placed, in the header of that name',
          )
        case 'completed':
          throw new HttpError(409, `order ${id} is completed: it can no longer be cancelled`)
      }
    },
  }
}
