import type { RequestHandler } from 'express'
import { clientOf, type Exempt } from './client.ts'
import type { Limit, Limiter } from './limiter.ts'

/** What one client may write in a minute: more than people do, less than a program that fills the shop. */
export const WRITES = {
  orders: { name: 'orders', points: 60, seconds: 60 },
  uploads: { name: 'uploads', points: 30, seconds: 60 },
} as const satisfies Record<string, Limit>

const READING = new Set(['GET', 'HEAD', 'OPTIONS'])

/** Limits what a client writes; reading is free. Goes behind `authenticate`, so that a user is known as one. */
export const limitWrites =
  (limiter: Limiter, exempt: Exempt): RequestHandler =>
  async (request, _response, next) => {
    if (!READING.has(request.method) && !exempt(request)) await limiter.take(clientOf(request))
    next()
  }
