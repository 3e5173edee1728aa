/** Answers of a proxy or of a server that is going down: another backend may do better. */
const UNAVAILABLE = new Set([502, 503, 504])

export const isUnavailable = (status: number): boolean => UNAVAILABLE.has(status)

const SAFE = new Set(['GET', 'HEAD', 'OPTIONS'])

/**
 * Whether a request may be sent again after a failure. `fetch` does not tell a connection that was refused from one
 * that broke after the server had acted, so only what does no harm twice is: safe methods, and requests whose
 * Idempotency-Key lets the server recognise them. A body that is a stream can be read only once.
 */
export function mayRepeat(init: RequestInit): boolean {
  const body: unknown = init.body
  if (typeof body === 'object' && body !== null && ('getReader' in body || Symbol.asyncIterator in body))
    return false
  return SAFE.has((init.method ?? 'GET').toUpperCase()) || new Headers(init.headers).has('Idempotency-Key')
}
