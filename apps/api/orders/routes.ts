import { Router } from 'express'
import { adminOf, principalOf, userOf } from '../auth/principal.ts'
import { jsonBody } from '../json-body.ts'
import { adminPageRequest, idempotencyKey, isProbe, pageRequest, toOrder } from './request.ts'
import type { OrderService } from './service.ts'

/** POST /: place an order. GET /: one's own. GET /:id: one of them. POST /:id/cancel, /:id/refund: take it back. */
export function orderRoutes(service: OrderService): Router {
  return Router()
    .post('/', jsonBody(), async (request, response) => {
      const key = idempotencyKey(request.get('idempotency-key'))
      const probe = isProbe(request.get('x-ecomweb-probe'))
      const userId = principalOf(request)?.id
      const { order, created } = await service.place(toOrder(request.body, { key, userId, probe }))
      response.status(created ? 201 : 200).json({ order })
    })
    .get('/', async (request, response) => {
      response.json(await service.list(userOf(request).id, pageRequest.parse(request.query)))
    })
    .get('/:id', async (request, response) => {
      response.json({ order: await service.find(request.params.id, principalOf(request)) })
    })
    .get('/:id/progress', async (request, response) => {
      response.json({ steps: await service.progress(request.params.id, principalOf(request)) })
    })
    .post('/:id/cancel', async (request, response) => {
      const principal = principalOf(request)
      const key = request.get('idempotency-key')
      const probe = isProbe(request.get('x-ecomweb-probe'))
      response.json({ order: await service.cancel(request.params.id, { principal, key, probe }) })
    })
    .post('/:id/refund', async (request, response) => {
      const { id } = adminOf(request)
      const requestId = request.id === undefined ? undefined : String(request.id)
      response.json({ order: await service.refund(request.params.id, { id, requestId }) })
    })
}

/** GET /: everybody's orders, for administrators. */
export function adminOrderRoutes(service: OrderService): Router {
  return Router().get('/', async (request, response) => {
    adminOf(request)
    response.json(await service.listAll(adminPageRequest.parse(request.query)))
  })
}
