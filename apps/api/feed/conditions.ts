import type { Request, Response } from 'express'
import { FeedError } from './errors.ts'

/** What of a file is to be answered: bytes from `from` up to `to`, with this status. */
export type Part = { status: 200 | 206 | 304; from: number; to: number }

/**
 * Judges a request's conditions (RFC 9110, 13.2.2) and range; the response has ETag and Last-Modified already. Several
 * ranges at once are answered by the whole. Errors: 412; 416, with Content-Range set.
 */
export function partOf(request: Request, response: Response, bytes: number): Part {
  const etag = String(response.get('etag'))
  const modified = String(response.get('last-modified'))
  if (hasChanged(request, etag, modified)) throw new FeedError(412, 'Precondition Failed')
  if (request.fresh) return { status: 304, from: 0, to: 0 }
  const whole: Part = { status: 200, from: 0, to: bytes }
  const condition = request.get('if-range')
  // A weak tag names no bytes, so it is equal to none here.
  if (request.method === 'HEAD' || (condition && condition !== etag && condition !== modified)) return whole
  const ranges = request.range(bytes, { combine: true })
  if (ranges === -1) {
    response.setHeader('Content-Range', `bytes */${bytes}`)
    throw new FeedError(416, 'Range Not Satisfiable')
  }
  if (!Array.isArray(ranges) || ranges.type !== 'bytes' || ranges.length !== 1) return whole
  const [{ start, end }] = ranges as unknown as [{ start: number; end: number }]
  response.setHeader('Content-Range', `bytes ${start}-${end}/${bytes}`)
  return { status: 206, from: start, to: end + 1 }
}

function hasChanged(request: Request, etag: string, modified: string): boolean {
  const match = request.get('if-match')
  if (match !== undefined) return match.trim() !== '*' && !match.split(',').some((one) => one.trim() === etag)
  const since = Date.parse(request.get('if-unmodified-since') ?? '')
  return Number.isFinite(since) && Date.parse(modified) > since
}
