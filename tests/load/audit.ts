import { setTimeout as delay } from 'node:timers/promises'
import type { Ledger, StoredEvent, StoredOrder } from './ledger.ts'
import type { Acknowledged } from './orders.ts'
import type { Trail } from './trail.ts'

/** What became of the orders; each list names order ids (or keys) and is empty when all is well. */
export type OrderAudit = {
  acknowledged: number
  lost: string[]
  doubled: string[]
  unfinished: string[]
  /** Stored although the customer was told that it failed. */
  unacknowledged: string[]
}

/** What the subscribers saw of the events; both lists are empty when all is well. */
export type EventAudit = {
  subscribers: number
  received: number
  /** Events that a subscriber did not get although it got earlier and later ones. */
  missing: string[]
  /** Events that the log holds twice for one order: it was executed twice. */
  repeated: string[]
}

/** Compares the acknowledged orders with the books, giving the last ones `patienceMs` to be executed. */
export async function auditOrders(
  ledger: Ledger,
  run: string,
  acknowledged: readonly Acknowledged[],
  patienceMs = 60_000,
): Promise<OrderAudit> {
  const deadline = performance.now() + patienceMs
  for (;;) {
    const audit = compareOrders(acknowledged, await ledger.orders(run, acknowledged))
    if (audit.unfinished.length === 0 || performance.now() >= deadline) return audit
    await delay(500)
  }
}

/**
 * Pure part of the comparison: each acknowledged order stored once, executed once, and no other stored. Probes are
 * nobody's orders: they are left out, so one that stands for a customer's order counts as a loss.
 */
export function compareOrders(
  acknowledged: readonly Acknowledged[],
  all: readonly StoredOrder[],
): OrderAudit {
  const stored = all.filter(({ probe }) => !probe)
  const byKey = Map.groupBy(stored, ({ key }) => key)
  const known = new Set(acknowledged.map(({ key }) => key))
  const audit: OrderAudit = {
    acknowledged: acknowledged.length,
    lost: [],
    doubled: [],
    unfinished: [],
    unacknowledged: stored.filter(({ key }) => !known.has(key)).map(({ id }) => id),
  }
  for (const { id, key } of acknowledged) {
    const rows = byKey.get(key) ?? []
    if (!rows.some((row) => row.id === id)) audit.lost.push(id)
    else if (rows.length > 1 || rows.some(({ completions }) => completions > 1)) audit.doubled.push(id)
    else if (rows[0]?.completions === 0) audit.unfinished.push(id)
  }
  return audit
}

/** What subscribers are due: administrators everything, guests what moved stock. */
export type Due = 'everything' | 'stock'

/** Compares every subscriber's trail with the event log over the range it covered. */
export async function auditEvents(
  ledger: Ledger,
  trails: readonly Trail[],
  due: Due = 'everything',
): Promise<EventAudit> {
  const greeted = trails.filter(({ lastId }) => lastId !== undefined)
  const from = Math.min(...greeted.map((trail) => trail.from))
  const to = Math.max(...greeted.map((trail) => trail.to))
  const events = greeted.length === 0 ? [] : await ledger.events(from, to)
  return compareEvents(greeted, events, due)
}

/** Pure part of the comparison; what an order went through is due once in the log, whoever sees it. */
export function compareEvents(
  trails: readonly Trail[],
  events: readonly StoredEvent[],
  due: Due = 'everything',
): EventAudit {
  const missing = trails.flatMap((trail) =>
    events
      .filter(({ stock }) => stock || due === 'everything')
      .filter(({ id }) => id > trail.from && id <= trail.to && !trail.received.has(id))
      .map(({ id }) => `${trail.subscriber} missed event ${id}`),
  )
  const received = trails.reduce((sum, trail) => sum + trail.received.size, 0)
  // Stock changes again and again; an order comes to each of its states once.
  const ofOrders = events.filter(({ event }) => event !== 'stock.changed')
  const kinds = Map.groupBy(ofOrders, ({ event, orderId }) => `${event} of order ${orderId}`)
  const repeated = [...kinds].filter(([, same]) => same.length > 1).map(([kind]) => kind)
  return { subscribers: trails.length, received, missing, repeated }
}
