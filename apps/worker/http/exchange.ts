import { HttpFailure, retryAfter } from './failure.ts'

export type HttpRequest = {
  method: 'GET' | 'HEAD' | 'PUT' | 'DELETE' | 'POST' | 'PATCH'
  url: string
  headers?: Record<string, string>
  body?: string
  /** Ends everything; rejects with its reason. */
  signal?: AbortSignal
}

/** The first 64 KiB of the body. */
export type HttpAnswer = { status: number; headers: Headers; text: string }

const MOST_BYTES = 65_536

/**
 * Sends a request once and reads its answer; no redirect is followed, since what is sent is meant for the address that a
 * person wrote down. Errors: HttpFailure for what may be better another time. Addresses may hold secrets: no error
 * names more of one than its host.
 */
export async function exchange(request: HttpRequest, timeoutMs: number): Promise<HttpAnswer> {
  const { method, url, headers = {}, body, signal } = request
  const { host } = new URL(url)
  const timeout = AbortSignal.timeout(timeoutMs)
  try {
    const response = await fetch(url, {
      ...{ method, headers: { 'User-Agent': 'ecomweb', ...headers }, redirect: 'manual' },
      ...(body !== undefined && { body }),
      signal: signal ? AbortSignal.any([signal, timeout]) : timeout,
    })
    const text = await beginning(response)
    const { status } = response
    if (status >= 500 || status === 408 || status === 425 || status === 429) {
      throw new HttpFailure(`${host} answered ${status}`, {
        ...{ kind: 'status', status },
        retryAfterMs: retryAfter(response.headers.get('retry-after'), Date.now()),
      })
    }
    return { status, headers: response.headers, text }
  } catch (error) {
    if (error instanceof HttpFailure) throw error
    if (signal?.aborted) throw signal.reason
    if (timeout.aborted) {
      throw new HttpFailure(`${host} did not answer within ${timeoutMs} ms`, {
        kind: 'timeout',
        cause: error,
      })
    }
    throw new HttpFailure(`${host} cannot be reached: ${reason(error)}`, {
      kind: 'unreachable',
      cause: error,
    })
  }
}

async function beginning(response: Response): Promise<string> {
  const pieces: Uint8Array[] = []
  let bytes = 0
  for await (const piece of response.body ?? []) {
    pieces.push(piece)
    bytes += piece.length
    if (bytes >= MOST_BYTES) break
  }
  return Buffer.concat(pieces).subarray(0, MOST_BYTES).toString()
}

/** fetch says only "fetch failed" and keeps the reason below. */
function reason(error: unknown): string {
  const { cause, message } = error as { cause?: { code?: string; message?: string }; message?: string }
  return cause?.code ?? cause?.message ?? message ?? 'for no known reason'
}
