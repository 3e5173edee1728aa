import type { OrderSignal, Step } from '../../core/fulfilment.ts'
import type { Principal } from '../auth/principal.ts'
import { HttpError } from '../errors.ts'
import { type Page, type Pagination, paginate } from '../pagination.ts'
import type { Canceller } from './cancel.ts'
import type { Order, OwnedOrder } from './order.ts'
import type { Refunder } from './refund.ts'
import type { OrderRepository } from './repository.ts'
import { type AdminPage, MOST_CENTS, type OrderRequest } from './request.ts'

/**
 * What happens beside the database. A change is committed when it is told here, and nothing of this can undo it, so
 * none of it may fail.
 */
export type Surroundings = {
  placed: (order: Order) => void
  takenBack: (order: Order, by: OrderSignal) => void
  /** How far the workflow of an order is by its own account; undefined if it cannot be asked. Never rejects. */
  progress: (id: string) => Promise<Step[] | undefined>
}

export type OrderService = {
  /** Places an order once, however often it is asked with the same key. */
  place(request: OrderRequest): Promise<{ order: Order; created: boolean }>
  find(id: string, principal?: Principal): Promise<Order>
  list(userId: string, page: Page): Promise<{ orders: Order[]; pagination: Pagination }>
  listAll(page: AdminPage): Promise<{ orders: OwnedOrder[]; pagination: Pagination }>
  /** Takes an order back that is not shipped yet; answers it as it is then, however often it is asked. */
  cancel(id: string, by: Canceller): Promise<Order>
  /** Takes an order back that is shipped; answers it as it is then, however often it is asked. */
  refund(id: string, by: Refunder): Promise<Order>
  progress(id: string, principal?: Principal): Promise<Step[]>
}

const uuid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i

/** The same for an order that is somebody else's: its existence is nobody's business. */
const unknownOrder = (id: string): HttpError => new HttpError(404, `there is no order ${id}`)

export function orderService(repository: OrderRepository, surroundings: Surroundings): OrderService {
  return {
    async place(request) {
      const placed = await repository.place(request)
      switch (placed.outcome) {
        case 'created':
          surroundings.placed(placed.order)
          return { order: placed.order, created: true }
        case 'existing':
          if (placed.sameRequest) return { order: placed.order, created: false }
          throw keyInUse()
        case 'key of somebody else':
          throw keyInUse()
        case 'unknown user':
          throw new HttpError(401, 'this account does not exist any more')
        case 'too dear':
          throw new HttpError(422, `an order may come to at most ${MOST_CENTS} cents: make several of it`)
        case 'unknown product':
          throw new HttpError(404, `there is no product ${placed.productId}`)
        case 'out of stock':
          throw new HttpError(409, `product ${placed.productId} is out of stock for this quantity`)
      }
    },
    async find(id, principal) {
      const order = uuid.test(id) ? await repository.find(id, principal) : null
      if (!order) throw unknownOrder(id)
      return order
    },
    async list(userId, page) {
      const { orders, total } = await repository.list(userId, page)
      return { orders, pagination: paginate(page, total) }
    },
    async listAll(page) {
      const { orders, total } = await repository.listAll(page)
      return { orders, pagination: paginate(page, total) }
    },
    async cancel(id, by) {
      const cancelled = uuid.test(id) ? await repository.cancel(id, by) : ({ outcome: 'unknown' } as const)
      switch (cancelled.outcome) {
        case 'cancelled':
          surroundings.takenBack(cancelled.order, 'cancel')
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
    async refund(id, by) {
      const refunded = uuid.test(id) ? await repository.refund(id, by) : ({ outcome: 'unknown' } as const)
      switch (refunded.outcome) {
        case 'refunded':
          surroundings.takenBack(refunded.order, 'refund')
          return refunded.order
        case 'already refunded':
          return refunded.order
        case 'unknown':
          throw unknownOrder(id)
        case 'not completed':
          throw new HttpError(409, `order ${id} is not completed: only then can it be refunded`)
      }
    },
    async progress(id, principal) {
      const found = uuid.test(id) ? await repository.progress(id, principal) : null
      if (!found) throw unknownOrder(id)
      // The tables know what has ended; only the workflow knows what it is at.
      return (found.open && (await surroundings.progress(id))) || found.steps
    },
  }
}

/** Whose order it is, is left open. */
const keyInUse = (): HttpError =>
  new HttpError(422, 'this Idempotency-Key belongs to another order: use a new key for a new order')
