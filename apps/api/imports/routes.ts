import { Router } from 'express'
import { z } from 'zod'
import { adminOf } from '../auth/principal.ts'
import { HttpError } from '../errors.ts'
import { pageQuery } from '../pagination.ts'
import { unlessSilent } from '../uploads/silence.ts'
import { MOST_BYTES, type ProductImports, tooLarge, unknownImport } from './service.ts'

/** Between two pieces of a table; however long the whole takes is the client's business. */
const SILENCE_MS = 20_000
const query = pageQuery()

/** POST /: upload a table of products. GET /: those that were. GET /:id: one, with its errors. For administrators. */
export function importRoutes(imports: ProductImports): Router {
  return Router()
    .post('/', async (request, response) => {
      const actor = adminOf(request)
      if (!request.is('text/csv'))
        throw new HttpError(415, 'the body should be a table, with Content-Type: text/csv')
      if (Number(request.get('content-length') ?? 0) > MOST_BYTES) throw tooLarge()
      // Not destroyed when reading ends early: the response still has to go out on its socket.
      const body = unlessSilent(request.iterator({ destroyOnReturn: false }), SILENCE_MS)
      const accepted = await imports.accept(body, { actor, requestId: String(request.id) })
      response.status(202).location(`${request.baseUrl}/${accepted.id}`).json({ import: accepted })
    })
    .get('/', async (request, response) => {
      adminOf(request)
      response.json(await imports.list(query.parse(request.query)))
    })
    .get('/:id', async (request, response) => {
      adminOf(request)
      const { id } = request.params
      if (!z.uuid().safeParse(id).success) throw unknownImport(id)
      response.json(await imports.find(id))
    })
}
