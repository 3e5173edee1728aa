import { json, Router } from 'express'
import { idempotencyKey, toOrder } from './request.ts'
import type { OrderService } from './service.ts'

/** POST /: place an order. GET /:id: look one up. */
export function orderRoutes(service: OrderService): Router {
  return Router()
    .post('/', json({ limit: '64kb' }), async (request, response) => {
      const key = idempotencyKey(request.get('idempotency-key'))
      const { order, created } = await service.place(toOrder(request.body, key))
      response.status(created ? 201 : 200).json({ order })
    })
    .get('/:id', async (request, response) => {
      response.json({ order: await service.find(request.params.id) })
    })
}
