import type { RequestHandler } from 'express'

/**
 * Lets browsers and proxies keep what a guest reads, for `seconds` without asking again; with 0 they keep it but ask
 * each time whether it still holds, which costs a 304 without a body. Answers to a token stay private.
 *
 * Anything that shows stock or a price is for 0 seconds: a change empties the cache in Redis (5 minutes) at once, but
 * no browser's, and a client that reads again because of a stock event would be given what it had. What has neither,
 * such as the categories, is for 300.
 */
export function guestsMayKeep(seconds: number): RequestHandler {
  const policy = seconds === 0 ? 'public, no-cache' : `public, max-age=${seconds}`
  return (request, response, next) => {
    const reads = request.method === 'GET' || request.method === 'HEAD'
    if (reads && request.headers.authorization === undefined) response.setHeader('Cache-Control', policy)
    next()
  }
}
