import cors from 'cors'
import type { RequestHandler } from 'express'

/** Chromium forgets the answer to a preflight after two hours, whatever it is told. */
const PREFLIGHT_S = 7200

/**
 * Lets web clients of the listed origins call the API with their credentials; to all others it says nothing, which is
 * what makes a browser refuse. (Origin is in Vary already: see answerHeaders.)
 */
export function crossOrigin(origins: string[]): RequestHandler {
  const listed = new Set(origins.map((origin) => new URL(origin).origin))
  const allow = cors({
    origin: true, // the one that asks, since only listed ones come here
    credentials: true,
    exposedHeaders: ['X-Request-ID', 'Retry-After', 'ETag', 'X-Cache'],
    maxAge: PREFLIGHT_S,
  })
  return (request, response, next) => {
    const { origin } = request.headers
    if (origin === undefined || !listed.has(origin)) return next()
    allow(request, response, next)
  }
}
