import { STATUS_CODES } from 'node:http'
import type { ErrorRequestHandler, RequestHandler, Response } from 'express'
import { ZodError } from 'zod'
import { isDatabaseBusy, isDatabaseLost } from '../core/database-lost.ts'
import { announcesBody } from './message-body.ts'
import type { Problem } from './openapi/problem.ts'

/** An answer that is not a success; its message is meant for the client. */
export class HttpError extends Error {
  override name = 'HttpError'
  readonly status: number
  /** seconds */
  readonly retryAfter: number | undefined
  /** what is wrong with the request, one by one */
  readonly errors: Problem['errors']
  /** further members of the problem */
  readonly members: Record<string, unknown> | undefined

  constructor(
    status: number,
    message: string,
    retryAfter?: number,
    errors?: Problem['errors'],
    members?: Record<string, unknown>,
  ) {
    super(message)
    this.status = status
    this.retryAfter = retryAfter
    this.errors = errors
    this.members = members
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
  const failure = toHttp(error)
  const { status, retryAfter } = failure
  if (status >= 500) response.err = error // logged with the request
  // A response that has begun cannot change its status: cutting it is the only honest end.
  if (response.headersSent) return next(error)
  if (retryAfter !== undefined) response.setHeader('Retry-After', String(retryAfter))
  if (status === 401) response.setHeader('WWW-Authenticate', 'Bearer')
  // What is left of the body is not read: the connection cannot carry another request.
  if (!request.complete && announcesBody(request)) response.setHeader('Connection', 'close')
  sendProblem(response, { ...describe(failure), request_id: String(request.id) })
}

/** RFC 9457, and `error` for clients that know only that. */
function describe({ status, message, errors, members }: HttpError): Omit<Problem, 'request_id'> {
  const title = STATUS_CODES[status] ?? 'Error'
  return {
    type: 'about:blank',
    title,
    status,
    detail: message,
    error: message,
    ...(errors && { errors }),
    ...members,
  }
}

/** These described the answer that the problem takes the place of. */
const replaced = [
  'ETag',
  'Last-Modified',
  'Content-Encoding',
  'Content-Disposition',
  'Content-Range',
  'X-Cache',
]

function sendProblem(response: Response, problem: Problem): void {
  const body = JSON.stringify(problem)
  for (const name of replaced) response.removeHeader(name)
  response.statusCode = problem.status
  response.setHeader('Content-Type', 'application/problem+json')
  response.setHeader('Content-Length', Buffer.byteLength(body))
  response.setHeader('Cache-Control', 'private, no-store')
  response.end(body)
}

function toHttp(error: unknown): HttpError {
  if (error instanceof HttpError) return error
  if (error instanceof ZodError) return invalid(error)
  if (isDatabaseLost(error)) return new HttpError(503, 'the database is not reachable at the moment', 1)
  if (isDatabaseBusy(error)) return new HttpError(503, 'the database is too busy at the moment', 1)
  const failure = (error ?? {}) as Failure
  const { status = 500 } = failure
  return status >= 400 && status < 500
    ? new HttpError(status, inWords(failure))
    : new HttpError(500, 'internal error')
}

/** What Express and its body parsers throw; `expose: false` marks a message that names what is inside. */
type Failure = { status?: number; expose?: boolean; message?: string; type?: string; limit?: number }

function inWords({ status = 400, expose = true, message, type, limit }: Failure): string {
  // The parser's own message quotes the body, which may hold a password.
  if (type === 'entity.parse.failed')
    return `the body is not JSON${/ at position \d+/.exec(message ?? '') ?? ''}`
  if (type === 'entity.too.large') return `the body may have at most ${limit} bytes`
  return (expose && message) || (STATUS_CODES[status] ?? 'bad request')
}

/** So that a small request with a thousand mistakes does not get a large answer. */
const MOST_ISSUES = 20

function invalid({ issues }: ZodError): HttpError {
  const errors = issues
    .slice(0, MOST_ISSUES)
    .map(({ path, message }) => ({ path: path.join('.') || 'request', message }))
  const detail = errors.map(({ path, message }) => `${path}: ${message}`).join('; ')
  return new HttpError(400, detail, undefined, errors)
}
