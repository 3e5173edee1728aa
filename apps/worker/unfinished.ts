import type { Database } from '../core/database.ts'

/** Ids of orders placed before a moment that are not over: at most `limit`, in the order of ids, after an id. */
export async function openOrders(
  database: Database,
  before: Date,
  after: string | undefined,
  limit: number,
): Promise<string[]> {
  const orders = await database.order.findMany({
    where: {
      status: { in: ['pending', 'paid'] },
      createdAt: { lt: before },
      ...(after !== undefined && { id: { gt: after } }),
    },
    orderBy: { id: 'asc' },
    select: { id: true },
    take: limit,
  })
  return orders.map(({ id }) => id)
}

/**
 * Ids of orders that were taken back and whose money is owed: at most `limit`, in the order of ids, after an id. The
 * status is written out, so that PostgreSQL sees that the partial index has them.
 */
export async function owedOrders(
  database: Database,
  after = '00000000-0000-0000-0000-000000000000',
  limit: number,
): Promise<string[]> {
  const rows = await database.$queryRaw<{ id: string }[]>`
    SELECT order_id AS id FROM payments WHERE status = 'owed' AND order_id > ${after}::uuid
    ORDER BY order_id LIMIT ${limit}`
  return rows.map(({ id }) => id)
}
