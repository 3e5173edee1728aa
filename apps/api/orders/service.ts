import { HttpError } from '../errors.ts'
import type { Order, OrderRepository } from './repository.ts'
import type { OrderRequest } from './request.ts'

/** What should happen once an order stands; none of it can undo the order, so none of it may fail. */
export type AfterCommit = (order: Order) => void

export type OrderService = {
  /** Places an order once, however often it is asked with the same key. */
  place(request: OrderRequest): Promise<{ order: Order; created: boolean }>
  find(id: string): Promise<Order>
}

const uuid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i

export function orderService(repository: OrderRepository, afterCommit: AfterCommit): OrderService {
  return {
    async place(request) {
      const placed = await repository.place(request)
      switch (placed.outcome) {
        case 'created':
          afterCommit(placed.order)
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
      if (!order) throw new HttpError(404, `there is no order ${id}`)
      return order
    },
  }
}
