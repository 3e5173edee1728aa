import type { Database, Transaction } from './database.ts'
import type { Redis } from './redis.ts'

/** An event as its readers see it. */
export type OutboxEvent = {
  id: bigint
  event: string
  /** Whose order it is about; nobody's for guests' orders and for stock. */
  userId: string | null
  /**
   * `stock` is what is left of each product whose stock changed with it. `probe` marks an order that only tests whether
   * ordering works: whoever ships, mails or counts leaves it out.
   */
  data: {
    order_id?: string
    status?: string
    at: string
    user_id?: string
    probe?: true
    stock?: { product_id: number; stock: number }[]
  }
}

export type OrderEvent = `order.${'created' | 'paid' | 'completed' | 'cancelled' | 'refunded' | 'failed'}`

/** What is left of a product after a change. */
export type StockLevel = { product_id: number; stock: number }

type EventOrder = { id: string; status: string; probe: boolean; userId: string | null }

/** Redis channel that says "there may be something new"; it carries no event, so losing it loses none. */
export const OUTBOX_CHANNEL = 'ecomweb:outbox'

const LOCK = 7_266_001

/** The order of a change of stock that belongs to none: a release from before needs an order in every row. */
const NO_ORDER = '00000000-0000-0000-0000-000000000000'

/**
 * Appends an event of an order, with the stock that it moved. Must be the LAST statement of its transaction: see append.
 */
export async function appendEvent(
  transaction: Transaction,
  event: OrderEvent,
  { id, status, probe, userId }: EventOrder,
  stock: StockLevel[] = [],
  at = new Date(),
): Promise<void> {
  const data: OutboxEvent['data'] = {
    ...{ order_id: id, status, at: at.toISOString() },
    ...(userId !== null && { user_id: userId }),
    ...(probe && { probe: true }),
    ...(stock.length > 0 && { stock }),
  }
  await append(transaction, { event, orderId: id, userId, data })
}

/** Appends a change of stock that no order has made. Must be the LAST statement of its transaction: see append. */
export async function appendStock(
  transaction: Transaction,
  stock: StockLevel[],
  at = new Date(),
): Promise<void> {
  const data = { stock, at: at.toISOString() }
  await append(transaction, { event: 'stock.changed', orderId: NO_ORDER, userId: null, data })
}

type Row = { event: string; orderId: string; userId: string | null; data: OutboxEvent['data'] }

/**
 * The lock is held from here to the commit, so that ids become visible in their own order and a reader that has seen
 * id n never misses a smaller one. It lies in a CTE that the INSERT reads from, hence is taken before the id is drawn.
 */
async function append(transaction: Transaction, { event, orderId, userId, data }: Row): Promise<void> {
  await transaction.$executeRaw`
    WITH turn AS MATERIALIZED (SELECT pg_advisory_xact_lock(${LOCK}::bigint))
    INSERT INTO outbox (event, order_id, user_id, payload)
    SELECT ${event}, ${orderId}::uuid, ${userId}::uuid, ${JSON.stringify(data)}::jsonb FROM turn`
}

/** The events after an id, oldest first. */
export async function readEvents(database: Database, after: bigint, limit: number): Promise<OutboxEvent[]> {
  const rows = await database.outbox.findMany({
    where: { id: { gt: after } },
    orderBy: { id: 'asc' },
    take: limit,
  })
  return rows.map(({ id, event, userId, payload }) => ({
    id,
    event,
    userId,
    data: payload as OutboxEvent['data'],
  }))
}

/** The id of the newest event, 0 if there is none. */
export async function newestEventId(database: Database): Promise<bigint> {
  const { _max } = await database.outbox.aggregate({ _max: { id: true } })
  return _max.id ?? 0n
}

/** Tells the readers in every process to look now instead of at their next poll. Never fails. */
export async function wakeReaders(redis: Redis): Promise<void> {
  await redis.publish(OUTBOX_CHANNEL, '1').catch(() => {})
}
