import http from 'node:http'
import { type Access, authorization, exemption } from './access.ts'
import { expectStatus, json, send } from './http.ts'
import type { Acknowledged } from './orders.ts'
import { SseParser } from './sse.ts'

/** An order as the shop stored it; `probe` if nobody bought anything, but the kit tried whether one could. */
export type StoredOrder = { id: string; key: string; status: string; completions: number; probe?: boolean }
/** An event as it is written; `stock` if it moved stock, which everybody may see: the rest is the customer's business. */
export type StoredEvent = { id: number; event: string; orderId: string | null; stock: boolean }

type Shown = { id: number | string; status: string; completions?: number; probe?: boolean }

/** The shop's own books, with which the clients' observations are compared after a run. */
export interface Ledger {
  /** The orders of a run: all that bear its keys, or where that cannot be asked, the acknowledged ones. */
  orders(run: string, acknowledged: readonly Acknowledged[]): Promise<StoredOrder[]>
  /** Every event after one position up to another; those that a guest sees, where others cannot be asked for. */
  events(after: number, upTo: number): Promise<StoredEvent[]>
}

/**
 * The books as the public API shows them: works against any installation, without access to its database. The events
 * are those that the same access shows, so that clients are not held to more than they may see.
 */
export function apiLedger(url: URL, access: Access = {}): Ledger {
  const executed = new Map<string, StoredOrder>()
  return {
    async orders(_run, acknowledged) {
      const stored: StoredOrder[] = []
      for (const { id, key } of acknowledged) {
        const known = executed.get(id)
        if (known) {
          stored.push(known)
          continue
        }
        const answer = await send(new URL(`/api/orders/${encodeURIComponent(id)}`, url), {
          headers: exemption(access),
        })
        if (answer.status === 404) continue
        expectStatus(answer, 200)
        const { order } = json<{ order: Shown }>(answer)
        const completions = order.completions ?? (order.status === 'completed' ? 1 : 0)
        const { status, probe = false } = order
        const found = { id: String(order.id), key, status, completions, probe }
        if (completions > 0) executed.set(id, found)
        stored.push(found)
      }
      return stored
    },
    async events(after, upTo) {
      if (upTo <= after) return []
      return replay(url, { ...exemption(access), ...(await authorization(access)) }, after, upTo)
    },
  }
}

/** Reads the event log once more from a position, over one connection of its own. */
function replay(
  url: URL,
  headers: Record<string, string>,
  after: number,
  upTo: number,
): Promise<StoredEvent[]> {
  return new Promise((resolve, reject) => {
    const events: StoredEvent[] = []
    const parser = new SseParser()
    const request = http.get(new URL('/api/orders/events', url), {
      agent: false,
      headers: { ...headers, accept: 'text/event-stream', 'last-event-id': String(after) },
    })
    const timer = setTimeout(
      () => request.destroy(new Error('the event log was not replayed in 60 s')),
      60_000,
    )
    const finish = (): void => {
      clearTimeout(timer)
      request.destroy()
      resolve(events)
    }
    request.on('error', (error) => {
      clearTimeout(timer)
      reject(error)
    })
    request.on('response', (response) => {
      response.setEncoding('utf8')
      response.on('data', (text: string) => {
        for (const { event, id, data } of parser.push(text)) {
          const position = Number(id)
          if (event === 'hello' || position > upTo) continue
          const { order_id, stock } = JSON.parse(data) as { order_id?: string; stock?: unknown[] }
          events.push({ id: position, event, orderId: order_id ?? null, stock: stock !== undefined })
          if (position >= upTo) finish()
        }
        if (Number(parser.cursor ?? 0) >= upTo) finish()
      })
      response.on('end', () =>
        request.destroy(new Error('the event log ended before its replay was complete')),
      )
    })
  })
}
