import { ApiError, toApiError, Unreachable } from './problem.ts'

export type Call = {
  method?: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'
  /** Sent as JSON; a Blob is sent as it is. */
  body?: unknown
  query?: Record<string, string | number | undefined>
  /** Under this key the API does the same thing once only, so that it may be asked again. */
  idempotencyKey?: string
  /** Not from a cache, in which the catalogue may lie for minutes, before the API has said that it still holds. */
  fresh?: boolean
  /** A media type other than JSON; the answer is then a Blob. */
  accept?: string
  /** It takes long to answer, so that one 504 is enough: it is not asked for again. */
  slow?: boolean
  signal?: AbortSignal
}

export type Client = <T>(path: string, call?: Call) => Promise<T>

/** Who is asking: a token that is good for now, and a way to a new one when it is refused. */
export type Credentials = { token(): Promise<string | undefined>; renew(): Promise<void> }

export type ClientParts = {
  send: (path: string, init: RequestInit) => Promise<Response>
  credentials: Credentials
  /** Waits so many milliseconds. */
  wait: (ms: number) => Promise<void>
}

/** Milliseconds before the second and the third attempt. */
const PAUSES = [300, 1_200]
const LONGEST_PAUSE_MS = 5_000
const passing = new Set([502, 503, 504])

/**
 * Asks the API and gives back its answer (undefined for 204), or throws ApiError or Unreachable. An access token that
 * is refused is renewed once. What can do no harm twice (reading, replacing, deleting, and anything with a key) is
 * tried three times when the API cannot be reached.
 */
export function createClient({ send, credentials, wait }: ClientParts): Client {
  return async <T>(path: string, call: Call = {}): Promise<T> => {
    const pauses = isRepeatable(call) ? PAUSES : []
    for (let attempt = 0; ; attempt += 1) {
      try {
        return await once<T>(path, call)
      } catch (error) {
        const pause = pauses[attempt]
        if (pause === undefined || !isPassing(error, call) || call.signal?.aborted) throw error
        const asked = error instanceof ApiError && error.retryAfter ? error.retryAfter * 1_000 : 0
        await wait(Math.min(Math.max(pause, asked), LONGEST_PAUSE_MS))
      }
    }
  }

  async function once<T>(path: string, call: Call): Promise<T> {
    const token = await credentials.token()
    let response = await reach(path, call, token)
    if (response.status === 401 && token) {
      await credentials.renew()
      response = await reach(path, call, await credentials.token())
    }
    if (!response.ok) throw await toApiError(response)
    if (response.status === 204) return undefined as T
    return (await (call.accept ? response.blob() : response.json())) as T
  }

  async function reach(path: string, call: Call, token: string | undefined): Promise<Response> {
    try {
      return await send(path + search(call.query), init(call, token))
    } catch (error) {
      if (call.signal?.aborted) throw error
      throw new Unreachable('the API cannot be reached', { cause: error })
    }
  }
}

function isRepeatable({ method = 'GET', idempotencyKey }: Call): boolean {
  return idempotencyKey !== undefined || method === 'GET' || method === 'PUT' || method === 'DELETE'
}

function isPassing(error: unknown, { slow }: Call): boolean {
  if (error instanceof Unreachable) return true
  return error instanceof ApiError && passing.has(error.status) && !(slow && error.status === 504)
}

function init(
  { method = 'GET', body, idempotencyKey, fresh, accept = 'application/json', signal }: Call,
  token: string | undefined,
): RequestInit {
  const raw = body instanceof Blob
  const headers: Record<string, string> = { Accept: accept }
  if (body !== undefined) headers['Content-Type'] = raw ? body.type : 'application/json'
  if (token) headers.Authorization = `Bearer ${token}`
  if (idempotencyKey) headers['Idempotency-Key'] = idempotencyKey
  return {
    method,
    headers,
    ...(body === undefined ? {} : { body: raw ? body : JSON.stringify(body) }),
    ...(fresh ? { cache: 'no-cache' } : {}),
    ...(signal ? { signal } : {}),
  }
}

function search(query: Call['query']): string {
  const given = Object.entries(query ?? {}).filter(([, value]) => value !== undefined && value !== '')
  const text = new URLSearchParams(given.map(([name, value]) => [name, String(value)])).toString()
  return text && `?${text}`
}
