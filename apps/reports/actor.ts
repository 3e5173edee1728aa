import type { Request } from 'express'
import type { Principal } from '../api/auth/principal.ts'
import { HttpError } from '../api/errors.ts'

const uuid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/

/**
 * The administrator for whom the API passes a request on. The API has checked who it is and lets nobody else write this
 * header. Errors: 401 without one.
 */
export function actorOf(request: Request): Principal {
  const id = request.get('x-ecomweb-actor') ?? ''
  if (!uuid.test(id))
    throw new HttpError(401, 'X-Ecomweb-Actor should be the id of the administrator who asks')
  return { id, role: 'admin' }
}
