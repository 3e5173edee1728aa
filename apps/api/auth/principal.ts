import type { Request, RequestHandler } from 'express'
import type { Actor } from '../../core/database.ts'
import { HttpError } from '../errors.ts'

/** Who sent a request, as their access token says; `expiresAt` (epoch ms) is when that ends. */
export type Principal = { id: string; role: 'user' | 'admin'; expiresAt?: number }

/** Reads access tokens; rejects with an HttpError 401 when one cannot be accepted. */
export type AccessTokens = { verify(token: string): Promise<Principal> }

const principals = new WeakMap<object, Principal>()

/** Who sent a request; undefined for a guest. Known once `authenticate` has run. */
export const principalOf = (request: object): Principal | undefined => principals.get(request)

/** The part of row security that a principal acts in. */
export const actorOf = ({ id, role }: Principal): Actor => (role === 'admin' ? 'admin' : `user:${id}`)

/** The token of an Authorization header. Errors: 401 for a header of any other form. */
export function bearer(header: string | undefined): string | undefined {
  if (header === undefined) return undefined
  const [, token] = /^Bearer +([\w.~+/=-]+)$/i.exec(header.trim()) ?? []
  if (!token) throw new HttpError(401, 'Authorization should be "Bearer" and an access token')
  return token
}

/** Finds out who asks. A guest may go on; a token that cannot be accepted gets 401, also where none is needed. */
export const authenticate =
  (tokens: AccessTokens): RequestHandler =>
  (request, _response, next) => {
    const token = bearer(request.headers.authorization)
    if (token === undefined) return next()
    return tokens.verify(token).then((principal) => {
      principals.set(request, principal)
      next()
    })
  }

/** The user who asks. Errors: 401 for a guest. */
export function userOf(request: Request): Principal {
  const principal = principalOf(request)
  if (!principal) throw new HttpError(401, 'sign in first: this needs an access token')
  return principal
}

/** The administrator who asks. Errors: 401 for a guest, 403 for everybody else. */
export function adminOf(request: Request): Principal {
  const principal = userOf(request)
  if (principal.role !== 'admin') throw new HttpError(403, 'this is for administrators')
  return principal
}
