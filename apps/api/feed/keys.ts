import { createHash, timingSafeEqual } from 'node:crypto'
import type { RequestHandler } from 'express'
import { FeedError } from './errors.ts'

/** Lets requests pass whose X-API-Key has one of these SHA-256 hashes; others get 401. */
export function requireKey(hashes: string[]): RequestHandler {
  const known = hashes.map((hash) => Buffer.from(hash, 'hex'))
  return (request, _response, next) => {
    const hash = createHash('sha256')
      .update(request.get('x-api-key') ?? '')
      .digest()
    // Compared with all of them, each in constant time: how long it takes tells nothing about any.
    const found = known.filter((one) => timingSafeEqual(one, hash)).length
    if (found === 0) throw new FeedError(401, 'Unauthorized')
    next()
  }
}
