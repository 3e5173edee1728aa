import type { IncomingMessage } from 'node:http'
import type { ErrorRequestHandler, RequestHandler } from 'express'
import { ZodError } from 'zod'
import { isDatabaseLost } from '../core/database-lost.ts'

/** An answer that is not a success; its message is meant for the client. */
export class HttpError extends Error {
  override name = 'HttpError'
  readonly status: number
  readonly retryAfter: number | undefined

  constructor(status: number, message: string, retryAfter?: number) {
    super(message)
    this.status = status
    this.retryAfter = retryAfter
  }
}

/** Answers whatever no route has answered. */
export const notFound: RequestHandler = (request) => {
  throw new HttpError(404, `there is no ${request.method} ${request.path}`)
}

/** The one place where a failure becomes a response: 4xx say what is wrong, 5xx are logged and say nothing. */
export const answerError: ErrorRequestHandler = (error, request, response, next) => {
  // Nobody is left to answer, and a client that goes away is no failure of this side.
  if (request.socket.destroyed) return
  const { status, message, retryAfter } = toHttp(error)
  if (status >= 500) response.err = error // pino-http logs it with the request
  // A response that has begun cannot change its status: cutting it is the only honest end.
  if (response.headersSent) return next(error)
  if (retryAfter !== undefined) response.setHeader('Retry-After', String(retryAfter))
  // What is left of the body is not read: the connection cannot carry another request.
  if (hasUnreadBody(request)) response.setHeader('Connection', 'close')
  response.status(status).json({ error: message })
}

function hasUnreadBody(request: IncomingMessage): boolean {
  const { 'content-length': length, 'transfer-encoding': encoding } = request.headers
  return !request.complete && (encoding !== undefined || Number(length ?? 0) > 0)
}

function toHttp(error: unknown): HttpError {
  if (error instanceof HttpError) return error
  if (error instanceof ZodError) return new HttpError(400, describe(error))
  if (isDatabaseLost(error)) return new HttpError(503, 'the database is not reachable at the moment', 1)
  const { status, expose, message } = (error ?? {}) as { status?: number; expose?: boolean; message?: string }
  if (status && status >= 400 && status < 500 && expose !== false)
    return new HttpError(status, message ?? 'bad request')
  return new HttpError(500, 'internal error')
}

function describe(error: ZodError): string {
  return error.issues.map((issue) => `${issue.path.join('.') || 'request'}: ${issue.message}`).join('; ')
}
