import { Router } from 'express'
import { z } from 'zod'
import type { AuditView } from '../audit.ts'
import { adminOf } from '../auth/principal.ts'
import { HttpError } from '../errors.ts'
import { jsonBody } from '../json-body.ts'
import { type Page, paginate } from '../pagination.ts'
import { page, userChange, usersQuery } from './schemas.ts'
import type { UserAdministration } from './users.ts'

export type AdminParts = {
  users: UserAdministration
  audit(skip: number, take: number): Promise<{ entries: AuditView[]; total: number }>
}

/** GET /users, PATCH /users/:id, GET /audit: for administrators. */
export function adminRoutes({ users, audit }: AdminParts): Router {
  return Router()
    .get('/users', async (request, response) => {
      adminOf(request)
      const { search, ...asked } = usersQuery.parse(request.query)
      const { users: found, total } = await users.list(search, ...span(asked))
      response.json({ users: found, pagination: paginate(asked, total) })
    })
    .patch('/users/:id', jsonBody('8kb'), async (request, response) => {
      const actor = adminOf(request)
      const id = String(request.params.id)
      const change = userChange.parse(request.body ?? {})
      // There is always somebody left who can undo it.
      if (id.toLowerCase() === actor.id) {
        throw new HttpError(
          409,
          'nobody changes their own role or excludes themselves: ask another administrator',
        )
      }
      const known = z.uuid().safeParse(id).success
      const user = known ? await users.change(id, change, { actor, requestId: String(request.id) }) : null
      if (!user) throw new HttpError(404, `there is no user ${id}`)
      response.json({ user })
    })
    .get('/audit', async (request, response) => {
      adminOf(request)
      const asked = page.parse(request.query)
      const { entries, total } = await audit(...span(asked))
      response.json({ entries, pagination: paginate(asked, total) })
    })
}

const span = ({ page, limit }: Page): [skip: number, take: number] => [(page - 1) * limit, limit]
