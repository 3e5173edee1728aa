import { json, type RequestHandler } from 'express'
import { HttpError } from './errors.ts'
import { announcesBody } from './message-body.ts'

/** Reads a JSON body. Errors: 400 for what is no JSON, 413 beyond the limit, 415 for another type. */
export function jsonBody(limit = '64kb'): RequestHandler {
  const parse = json({ limit })
  return (request, response, next) => {
    // What a request without a body lacks is for the schema to say.
    if (announcesBody(request) && !request.is('json')) {
      throw new HttpError(415, 'the body should be JSON, with Content-Type: application/json')
    }
    parse(request, response, next)
  }
}
