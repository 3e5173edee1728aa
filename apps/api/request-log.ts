import type { RequestHandler } from 'express'
import { pinoHttp } from 'pino-http'
import type { Log } from '../core/log.ts'
import { requestId } from './request-id.ts'

const probes = new Set(['/health', '/ready'])

/** One line for each request, except for the probes, which come every second. */
export function requestLog(log: Log): RequestHandler {
  return pinoHttp({
    logger: log,
    genReqId: requestId,
    autoLogging: { ignore: (request) => probes.has(request.url ?? '') },
    customLogLevel: (_request, response, error) => {
      const status = response?.statusCode ?? 0
      if (status === 503) return 'warn'
      return error || status >= 500 ? 'error' : 'info'
    },
    // A lost database fails many requests alike: a line for each of them, but no stack.
    customErrorObject: (_request, response, error, entry) =>
      response?.statusCode === 503 ? { ...entry, err: undefined, reason: error.message } : entry,
    serializers: {
      req: (request) => ({ id: request.id, method: request.method, url: request.url }),
      res: (response) => ({ statusCode: response.statusCode }),
    },
  })
}
