import type { Clock } from './clock.ts'

export type Fetch = (url: string, init?: RequestInit) => Promise<Response>

/**
 * Runs something with a signal that ends it after `limitMs`, unless it is done by then, or with `outer`. The signal
 * goes on following `outer` afterwards, so that the reading of a body can still be given up.
 */
export async function within<T>(
  clock: Clock,
  limitMs: number,
  outer: AbortSignal | null | undefined,
  run: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const limit = new AbortController()
  const late = () => limit.abort(new DOMException(`no answer within ${limitMs} ms`, 'TimeoutError'))
  const timer = clock.setTimeout(late, limitMs)
  try {
    return await run(outer ? AbortSignal.any([outer, limit.signal]) : limit.signal)
  } finally {
    clock.clearTimeout(timer)
  }
}

/** What a backend says of itself at /api/health, within `limitMs`. Never fails. */
export async function askHealth(
  fetch: Fetch,
  backend: string,
  signal: AbortSignal,
): Promise<'healthy' | 'degraded' | 'unreachable'> {
  try {
    // Without cookies, and never from a cache: the question is whether it answers now.
    const response = await fetch(`${backend}/api/health`, { credentials: 'omit', cache: 'no-store', signal })
    const { status } = (await response.json()) as { status?: unknown }
    return response.ok && (status === 'healthy' || status === 'degraded') ? status : 'unreachable'
  } catch {
    return 'unreachable'
  }
}
