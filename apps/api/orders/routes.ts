import { Router } from 'express'
import { jsonBody } from '../json-body.ts'
import { idempotencyKey, isProbe, toOrder } from './request.ts'
import type { OrderService } from './service.ts'

/** POST /: place an order. GET /:id: look one up. POST /:id/cancel: take one back. */
export function orderRoutes(service: OrderService): Router {
  return Router()
    .post('/', jsonBody(), async (request, response) => {
      const key = idempotencyKey(request.get('idempotency-key'))
      const probe = isProbe(request.get('x-ecomweb-probe'))
      const { order, created } = await service.place(toOrder(request.body, key, probe))
      response.status(created ? 201 : 200).json({ order })
    })
    .get('/:id', async (request, response) => {
      response.json({ order: await service.find(request.params.id) })
    })
    .post('/:id/cancel', async (request, response) => {
      const key = request.get('idempotency-key')
      const probe = isProbe(request.get('x-ecomweb-probe'))
      response.json({ order: await service.cancel(request.params.id, { key, probe }) })
    })
}
