/**
 * A request had no answer that ends it. `unreachable`: refused, cut off, no such host; `timeout`: no answer in time;
 * `status`: a 5xx, 408, 425 or 429; `open`: the host failed so often that it is not asked for a while.
 */
export class HttpFailure extends Error {
  override name = 'HttpFailure'
  readonly kind: 'unreachable' | 'timeout' | 'status' | 'open'
  /** Of the answer, if there was one. */
  readonly status: number | undefined
  /** When it makes sense to ask again, if the host or the breaker says so. */
  readonly retryAfterMs: number | undefined

  constructor(
    message: string,
    about: { kind: HttpFailure['kind']; status?: number; retryAfterMs?: number | undefined; cause?: unknown },
  ) {
    super(message, { cause: about.cause })
    this.kind = about.kind
    this.status = about.status
    this.retryAfterMs = about.retryAfterMs
  }
}

/** The milliseconds that a header Retry-After asks for: it has seconds or a date. */
export function retryAfter(header: string | null, now: number): number | undefined {
  if (header === null) return undefined
  if (/^\d+$/.test(header.trim())) return Number(header) * 1000
  const at = Date.parse(header)
  return Number.isNaN(at) ? undefined : Math.max(0, at - now)
}
