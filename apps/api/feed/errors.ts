import type { ErrorRequestHandler } from 'express'

/** An answer of the feed that is not a success, as {"error": message}: its clients know no other form. */
export class FeedError extends Error {
  override name = 'FeedError'
  readonly status: number

  constructor(status: number, message: string, cause?: unknown) {
    super(message, { cause })
    this.status = status
  }
}

export const noData = () => new FeedError(503, 'No cached data')
export const unreadable = (cause: unknown) => new FeedError(500, 'Error reading cache', cause)

/** What may have been set for the answer that the error takes the place of. */
const replaced = ['ETag', 'Last-Modified', 'Content-Encoding', 'Content-Length', 'Accept-Ranges']

/** The last handler of the feed's routes: whatever they did not expect is an internal error. */
export const answerFeedError: ErrorRequestHandler = (error, request, response, next) => {
  if (request.socket.destroyed) return
  const { status, message } = error instanceof FeedError ? error : { status: 500, message: 'Internal error' }
  if (status >= 500) response.err = error // the request log has it with the request
  if (response.headersSent) return next(error)
  for (const name of replaced) response.removeHeader(name)
  if (status === 401) response.setHeader('WWW-Authenticate', 'ApiKey header="X-API-Key"')
  response.setHeader('Cache-Control', 'private, no-store')
  response.status(status).type('json').json({ error: message })
}
