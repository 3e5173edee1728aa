import type { Request, RequestHandler, Response } from 'express'
import type { Log } from '../core/log.ts'
import { requestId } from './request-id.ts'

declare module 'node:http' {
  interface IncomingMessage {
    /** as in X-Request-ID */
    id: string
  }
  interface ServerResponse {
    /** Why the answer is a failure: logged with the request. */
    err?: unknown
  }
}

const probes = new Set(['/health', '/ready'])

/** One line for each request when it is over, except for the probes, which come every second. */
export function requestLog(log: Log): RequestHandler {
  const write = lineWriter(log)
  return (request, response, next) => {
    const began = Date.now()
    request.id = requestId(request, response)
    // An error that nobody listens for would end the process.
    response.once('error', (error) => {
      response.err ??= error
    })
    if (!probes.has(request.url)) response.once('close', () => write(request, response, began))
    next()
  }
}

function lineWriter(log: Log) {
  // All that a line without an error has is named below and no secret: to look for some takes longer than all the rest.
  const plain = log.child({}, { redact: [] })
  return ({ id, method, originalUrl: url }: Request, response: Response, began: number): void => {
    const { statusCode } = response
    const line = { req: { id, method, url }, res: { statusCode }, responseTime: Date.now() - began }
    if (response.err === undefined && statusCode < 500) {
      plain.info(line, response.writableEnded ? 'request completed' : 'request aborted')
      return
    }
    const err = response.err ?? new Error(`failed with status code ${statusCode}`)
    // A lost database fails many requests alike: a line for each of them, but no stack.
    if (statusCode !== 503) log.error({ ...line, err }, 'request errored')
    else log.warn({ ...line, reason: err instanceof Error ? err.message : String(err) }, 'request errored')
  }
}
