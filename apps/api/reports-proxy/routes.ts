import { request as ask, type ClientRequest, type IncomingMessage } from 'node:http'
import { pipeline } from 'node:stream'
import type { Request, RequestHandler, Response } from 'express'
import { adminOf } from '../auth/principal.ts'
import { HttpError } from '../errors.ts'
import { announcesBody } from '../message-body.ts'
import { headersDown, headersUp } from './headers.ts'

/** Milliseconds that the backend may stay silent, both before its answer and within it. */
export const REPORTS_LIMIT_MS = 30_000

export type ReportsBackend = { url: string; limitMs: number }

/**
 * Passes requests of administrators on to the reports backend, as they come: bodies are streamed both ways, no
 * redirect is followed, and its 4xx are the client's. Without a backend 503, with a slow one 504; what it had begun to
 * answer is cut off. Errors: 401, 403 before it is asked anything; 408 for a body that stops coming.
 *
 * It has a connection for each request. One that is kept could close just as the next POST goes down it, and nobody
 * would know whether prices have changed.
 */
export function reportsProxy({ url, limitMs }: ReportsBackend): RequestHandler {
  const { hostname, port } = new URL(url)
  const host = hostname.replace(/^\[|\]$/g, '')
  return (request, response, next) => {
    const headers = headersUp(request, adminOf(request))
    const { method } = request
    const asked = ask({ host, port, method, path: pathOf(request), headers, agent: false })
    asked.on('response', (answer) => passOn(request, answer, response))
    asked.on('error', (error) => fail(request, response, unavailable(error)))
    asked.setTimeout(limitMs, () => {
      const late = whoIsLate(request, asked, response)
      if (late === 'reader') return void asked.setTimeout(limitMs)
      if (late === 'sender') next(new HttpError(408, 'the body stopped before its end'))
      else fail(request, response, slow(limitMs))
      asked.destroy()
    })
    response.once('close', () => asked.destroy())
    if (announcesBody(request)) request.pipe(asked)
    else asked.end()
  }
}

/** What follows the prefix. A request line may name a whole address, of any host. */
function pathOf({ url }: Request): string {
  const path = url.replace(/^\w+:\/\/[^/?]*/, '')
  return path.startsWith('/') ? path : `/${path}`
}

function passOn(request: Request, answer: IncomingMessage, response: Response): void {
  forgetBody(request)
  response.statusCode = answer.statusCode ?? 502
  const { vary, ...headers } = headersDown(answer.headers)
  for (const [name, value] of Object.entries(headers)) response.setHeader(name, value ?? '')
  if (vary) response.vary(vary)
  // Also when only one of both sides ends early: half an answer is cut off, so that it cannot pass for a whole one.
  pipeline(answer, response, () => {})
}

/** An answer may come before the whole body: the rest is read, since closing could cut off the answer too. */
function forgetBody(request: Request): void {
  if (request.complete) return
  request.unpipe()
  request.resume()
}

/** For whom everybody waits when nothing has moved on the way to the backend and back. */
function whoIsLate(
  request: Request,
  asked: ClientRequest,
  response: Response,
): 'backend' | 'sender' | 'reader' {
  if (response.headersSent) return response.writableNeedDrain ? 'reader' : 'backend'
  return request.complete || asked.writableNeedDrain ? 'backend' : 'sender'
}

type Failure = { status: 503 | 504; error: string; details: string; cause?: Error }

const unavailable = (cause: NodeJS.ErrnoException): Failure => ({
  status: 503,
  error: 'Reports backend unavailable. Please try again in a moment.',
  details:
    cause.code === 'ECONNREFUSED'
      ? 'The reports service is temporarily unavailable.'
      : 'The reports service ended before it had answered.',
  cause,
})

const slow = (limitMs: number): Failure => ({
  status: 504,
  error: 'Request timeout',
  details: `The reports service took longer than ${limitMs / 1000} s to respond.`,
})

function fail(request: Request, response: Response, { status, error, details, cause }: Failure): void {
  if (response.destroyed || response.writableEnded) return
  response.err = cause ?? new Error(details)
  if (response.headersSent) return void response.destroy()
  forgetBody(request)
  if (status === 503) response.setHeader('Retry-After', '1')
  response.status(status).json({ error, details })
}
