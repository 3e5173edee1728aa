import type { Fetch } from '../failover/health.ts'
import { EventStreamParser } from './event-stream.ts'
import { parseData } from './message.ts'
import type { Listener, Opening, Transport } from './types.ts'

/** Opens the event stream with `fetch`, which unlike EventSource can send a token. */
export function openStream(
  fetch: Fetch,
  { url, token, lastEventId }: Opening,
  listener: Listener,
): Transport {
  const controller = new AbortController()
  const parser = new EventStreamParser()

  async function read(): Promise<{ status?: number }> {
    const response = await fetch(`${url}/api/orders/events`, {
      headers: {
        Accept: 'text/event-stream',
        ...(token ? { Authorization: `Bearer ${token}` } : {}),
        ...(lastEventId ? { 'Last-Event-ID': lastEventId } : {}),
      },
      cache: 'no-store',
      signal: controller.signal,
    })
    const isStream = response.headers.get('Content-Type')?.startsWith('text/event-stream')
    if (!response.ok || !response.body || !isStream) {
      await response.body?.cancel()
      return { status: response.status }
    }
    listener.opened()
    const decoder = new TextDecoder()
    const reader = response.body.getReader()
    for (;;) {
      const { done, value } = await reader.read()
      if (done) return {}
      listener.alive()
      for (const { id, event, data } of parser.push(decoder.decode(value, { stream: true }))) {
        listener.message({ id, event, data: parseData(data) })
      }
      // An id alone moves the position past events that are not for this reader.
      listener.message({ id: parser.lastId, event: 'cursor', data: undefined })
    }
  }

  const end = (how: { status?: number }) => {
    if (controller.signal.aborted) return
    const { retryMs } = parser
    listener.ended({ ...how, ...(retryMs === undefined ? {} : { retryMs }) })
  }
  read().then(end, () => end({}))
  return { close: () => controller.abort() }
}
