import type { CacheLike } from './types.ts'

const FRESH_MS = 5 * 60_000
const MOST_ENTRIES = 200
const STORED_AT = 'X-Ecomweb-Stored'

export type CatalogueParts = {
  cache: CacheLike
  ask: () => Promise<Response>
  /** Milliseconds since 1970. */
  now: number
  /** Keeps the worker alive until the promise settles. */
  waitUntil: (work: Promise<unknown>) => void
}

/**
 * A page of the catalogue. What was stored in the last five minutes is given at once and renewed behind it; anything
 * older only when the network fails: then it is how the shop can be read offline. A stored answer tells in
 * X-Ecomweb-Stored when it was stored (milliseconds since 1970). `revalidate` asks the network first in any case.
 */
export async function catalogue(path: string, revalidate: boolean, parts: CatalogueParts): Promise<Response> {
  const { cache, ask, now, waitUntil } = parts
  const stored = await cache.match(path)
  const renew = async (): Promise<Response> => {
    const response = await ask()
    if (storable(response)) waitUntil(store(path, response.clone(), cache, now).catch(() => {}))
    return response
  }
  if (stored && !revalidate && isFresh(stored, now)) {
    waitUntil(renew().catch(() => {}))
    return stored
  }
  if (!stored) return renew()
  try {
    const response = await renew()
    return response.status >= 500 ? stored : response
  } catch {
    return stored
  }
}

const isFresh = (response: Response, now: number): boolean => {
  const age = now - Number(response.headers.get(STORED_AT))
  return age >= 0 && age <= FRESH_MS
}

const storable = (response: Response): boolean =>
  response.status === 200 && !/no-store|private/.test(response.headers.get('Cache-Control') ?? '')

async function store(path: string, response: Response, cache: CacheLike, now: number): Promise<void> {
  const headers = new Headers(response.headers)
  headers.set(STORED_AT, String(now))
  await cache.put(path, new Response(await response.blob(), { headers }))
  // In order of storing: the first were not asked for the longest.
  const keys = await cache.keys()
  for (const { url } of keys.slice(0, Math.max(0, keys.length - MOST_ENTRIES))) await cache.delete(url)
}
