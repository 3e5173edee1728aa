import type { Env } from '../../core/env.ts'
import { HOUR_MS, type PlainJob } from '../job.ts'

type Settings = Pick<Env, 'FEED_SYNC' | 'FEED_SCHEDULE' | 'FEED_REFRESH_URL' | 'FEED_API_KEY'>

/** With FEED_SYNC=cron: asks the API to refresh the data feed whenever FEED_SCHEDULE says so; no job otherwise. */
export function feedRefresh({
  FEED_SYNC,
  FEED_SCHEDULE,
  FEED_REFRESH_URL,
  FEED_API_KEY,
}: Settings): PlainJob[] {
  if (FEED_SYNC !== 'cron' || !FEED_API_KEY) return []
  const call = { url: FEED_REFRESH_URL, key: FEED_API_KEY }
  return [
    {
      name: 'feed-refresh',
      schedule: FEED_SCHEDULE,
      // One refresh makes up for any number of them.
      catchUp: { policy: 'last', withinMs: HOUR_MS },
      interrupted: 'retry',
      run: (_slot, { signal }) => callRefresh({ ...call, signal }),
    },
  ]
}

export type CallParts = {
  url: string
  key: string
  signal: AbortSignal
  fetch?: typeof globalThis.fetch
}

/**
 * Asks the API to refresh the data feed, as FEED_SYNC=cron has it; the refresh itself goes on in the background there.
 * Answers what the API says: `triggered` or `already in progress`. Anything but 202 rejects, with what came instead.
 */
export async function callRefresh({
  url,
  key,
  signal,
  fetch = globalThis.fetch,
}: CallParts): Promise<string> {
  // A redirect would take the key elsewhere.
  const options = { method: 'POST', headers: { 'X-API-Key': key }, redirect: 'manual', signal } as const
  const response = await fetch(url, options).catch((error: Error) => {
    const cause = error.cause instanceof Error ? error.cause.message || String(error.cause) : error.message
    throw new Error(`POST ${url}: ${cause}`, { cause: error })
  })
  const text = await response.text()
  const answer = parsed(text)
  if (response.status === 202 && answer.status) return answer.status
  throw new Error(`POST ${url} answered ${response.status}: ${answer.error ?? excerpt(text)}`)
}

function parsed(text: string): { status?: string; error?: string } {
  try {
    const { status, error } = Object(JSON.parse(text)) as Record<string, unknown>
    return {
      ...(typeof status === 'string' && { status }),
      ...(typeof error === 'string' && { error }),
    }
  } catch {
    return {}
  }
}

const excerpt = (text: string): string => text.replace(/\s+/g, ' ').trim().slice(0, 200) || 'nothing'
