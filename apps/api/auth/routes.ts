import { type Request, type Response, Router } from 'express'
import { HttpError } from '../errors.ts'
import { jsonBody } from '../json-body.ts'
import { addressOf, type Exempt } from '../limits/client.ts'
import type { RefreshCookie } from './cookie.ts'
import { type AccessTokens, authenticate, userOf } from './principal.ts'
import { credentials, refreshRequest, type SessionView } from './schemas.ts'
import type { AuthService, SignedIn } from './service.ts'

export type AuthRoutesParts = {
  service: AuthService
  tokens: AccessTokens
  cookie: RefreshCookie
  exempt: Exempt
}

/**
 * POST /register, /login, /refresh, /logout; GET /me. Goes before `authenticate`: whoever refreshes may well send the
 * access token that has expired.
 */
export function authRoutes({ service, tokens, cookie, exempt }: AuthRoutesParts): Router {
  const from = (request: Request) => (exempt(request) ? undefined : addressOf(request))

  /** Where a browser keeps the token safe, it is not told a second time: a script there must never get at it. */
  function answer(response: Response, { refresh, ...session }: SignedIn, inBody: boolean): void {
    if (refresh !== undefined) cookie.write(response, refresh)
    const view: SessionView = {
      ...session,
      ...(inBody && refresh !== undefined && { refresh_token: refresh }),
    }
    response.json(view)
  }

  return Router()
    .use((_request, response, next) => {
      response.set('Cache-Control', 'no-store')
      next()
    })
    .use(jsonBody('8kb'))
    .post('/register', async (request, response) => {
      const session = await service.register(credentials.parse(request.body ?? {}), from(request))
      answer(response.status(201), session, keepsToken(request))
    })
    .post('/login', async (request, response) => {
      const session = await service.login(credentials.parse(request.body ?? {}), from(request))
      answer(response, session, keepsToken(request))
    })
    .post('/refresh', async (request, response) => {
      const { refresh_token: sent } = refreshRequest.parse(request.body ?? {})
      const token = sent ?? cookie.read(request)
      if (!token) throw new HttpError(401, 'sign in first: there is no refresh token')
      try {
        // Only whoever had the old token in hand gets the new one so.
        answer(response, await service.refresh(token), sent !== undefined && keepsToken(request))
      } catch (error) {
        if (error instanceof HttpError && error.status === 401) cookie.clear(response)
        throw error
      }
    })
    .post('/logout', async (request, response) => {
      const { refresh_token: sent } = refreshRequest.parse(request.body ?? {})
      const token = sent ?? cookie.read(request)
      cookie.clear(response)
      if (token) await service.logout(token)
      response.status(204).end()
    })
    .get('/me', authenticate(tokens), async (request, response) => {
      response.json({ user: await service.me(userOf(request).id) })
    })
}

/** A client on another host gets no cookie of ours and keeps the refresh token itself. */
const keepsToken = (request: Request): boolean => request.get('x-ecomweb-client') === 'token'
