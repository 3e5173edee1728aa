import { Router } from 'express'
import { z } from 'zod'
import type { ProductService } from './service.ts'

const page = z.object({
  page: z.coerce.number().int().min(1).max(1_000_000).default(1),
  limit: z.coerce.number().int().min(1).max(100).default(20),
})

/** GET /: a page of the catalogue. */
export function productRoutes(service: ProductService): Router {
  return Router().get('/', async (request, response) => {
    const { json, cached } = await service.list(page.parse(request.query))
    response
      .set('X-Cache', cached ? 'hit' : 'miss')
      .type('json')
      .send(json)
  })
}
