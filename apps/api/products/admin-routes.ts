import { type Request, type RequestHandler, type Response, Router } from 'express'
import { adminOf } from '../auth/principal.ts'
import { jsonBody } from '../json-body.ts'
import { receiveImage } from '../uploads/receive.ts'
import type { UploadStore } from '../uploads/store.ts'
import type { CatalogueEditor, Editing } from './editor.ts'
import { entityTag } from './entity-tag.ts'
import { productId } from './product-id.ts'
import { newProduct, type Product, replacement } from './schema.ts'
import type { ProductService } from './service.ts'

type Parts = { catalogue: CatalogueEditor; products: ProductService; uploads: UploadStore }

/**
 * POST /: add a product. PUT /:id: replace it. PUT /:id/image: give it a picture. DELETE /:id: take it out of the shop.
 *
 * Changes of a product may carry If-Match with the ETag under which it was read, and fail with 412 if somebody else
 * has edited it since. Without the header the last one wins: a script that sets prices need not read them.
 */
export function productAdminRoutes({ catalogue, products, uploads }: Parts): Router {
  return Router()
    .post('/', onlyAdmins, body, async (request, response) => {
      const product = await catalogue.create(newProduct.parse(request.body ?? {}), editing(request, response))
      response.status(201).location(`/api/products/${product.id}`)
      send(response, product)
    })
    .put('/:id', onlyAdmins, body, async (request: Request<{ id: string }>, response) => {
      const id = productId(request.params.id)
      const input = replacement.parse(request.body ?? {})
      send(response, await catalogue.replace(id, input, editing(request, response)))
    })
    .put('/:id/image', onlyAdmins, async (request: Request<{ id: string }>, response) => {
      const { id } = await products.find(productId(request.params.id))
      const { url } = await receiveImage(request, uploads, `product-${id}`)
      send(response, await catalogue.setImage(id, url, editing(request, response)))
    })
    .delete('/:id', onlyAdmins, async (request: Request<{ id: string }>, response) => {
      await catalogue.archive(productId(request.params.id), editing(request, response))
      response.status(204).end()
    })
}

/** Before anything of the body is read. */
const onlyAdmins: RequestHandler = (request, _response, next) => {
  adminOf(request)
  next()
}

const body = jsonBody()

const editing = (request: Request<{ id: string }> | Request, response: Response): Editing => ({
  actor: adminOf(request as Request),
  requestId: response.get('X-Request-ID'),
  ifMatch: request.get('if-match'),
})

const send = (response: Response, product: Product): void => {
  response.set({ 'Cache-Control': 'no-store', ETag: entityTag(product) }).json({ product })
}
