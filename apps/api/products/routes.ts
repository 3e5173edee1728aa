import { type Request, type RequestHandler, type Response, Router } from 'express'
import { guestsMayKeep } from '../caching.ts'
import { entityTag } from './entity-tag.ts'
import { productId } from './product-id.ts'
import { listQuery } from './schema.ts'
import type { ProductService, Served } from './service.ts'

/**
 * GET /: a page of the catalogue. GET /categories: what there is to choose from. GET /:id: one product. Guests may keep
 * them; `authenticate` tells who is none.
 */
export function productRoutes(service: ProductService, authenticate: RequestHandler): Router {
  const anyone = [guestsMayKeep(0), authenticate]
  return (
    Router()
      .get('/', anyone, async (request: Request, response: Response) => {
        send(response, await service.list(listQuery.parse(request.query)))
      })
      // A guest is offered a new category some minutes late; whoever has just added one is not.
      .get('/categories', anyone, guestsMayKeep(300), async (_request: Request, response: Response) => {
        send(response, await service.categories())
      })
      .get('/:id', anyone, async (request: Request<{ id: string }>, response: Response) => {
        const product = await service.find(productId(request.params.id))
        response.set({ ETag: entityTag(product) }).json({ product })
      })
  )
}

function send(response: Response, { answer, cached }: Served): void {
  response.setHeader('X-Cache', cached ? 'hit' : 'miss')
  response.setHeader('ETag', answer.etag)
  response.setHeader('Content-Type', 'application/json; charset=utf-8')
  response.send(answer.body)
}
