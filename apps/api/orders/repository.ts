import type { Database, Transaction } from '../../core/database.ts'
import { appendEvent } from '../../core/outbox.ts'
import { type Cancelled, type Canceller, cancel } from './cancel.ts'
import { type Order, toOrder, withItems } from './order.ts'
import type { Item, OrderRequest } from './request.ts'

export type Placed =
  | { outcome: 'created'; order: Order }
  | { outcome: 'existing'; order: Order; sameRequest: boolean }
  | { outcome: 'unknown product' | 'out of stock'; productId: number }

export type OrderRepository = {
  place(request: OrderRequest): Promise<Placed>
  find(id: string): Promise<Order | null>
  cancel(id: string, by: Canceller): Promise<Cancelled>
}

export function orderRepository(database: Database): OrderRepository {
  async function existing(request: OrderRequest): Promise<Placed> {
    const row = await database.order.findUniqueOrThrow({
      where: { idempotencyKey: request.key },
      include: withItems,
    })
    return { outcome: 'existing', order: toOrder(row), sameRequest: row.requestHash === request.hash }
  }

  return {
    async place(request) {
      const prices = await readPrices(database, request.items)
      const unknown = request.items.find(({ productId }) => !prices.has(productId))
      if (unknown) return { outcome: 'unknown product', productId: unknown.productId }
      const lines = request.items.map((item) => ({ ...item, priceCents: prices.get(item.productId) ?? 0 }))
      try {
        const order = await database.$transaction((transaction) => insert(transaction, request, lines))
        return order ? { outcome: 'created', order } : await existing(request)
      } catch (error) {
        if (error instanceof OutOfStock) return { outcome: 'out of stock', productId: error.productId }
        throw error
      }
    },
    async find(id) {
      const row = await database.order.findUnique({ where: { id }, include: withItems })
      return row && toOrder(row)
    },
    cancel: (id, by) => cancel(database, id, by),
  }
}

type Line = Item & { priceCents: number }

/** Undoes the transaction. */
class OutOfStock extends Error {
  readonly productId: number

  constructor(productId: number) {
    super('out of stock')
    this.productId = productId
  }
}

async function readPrices(database: Database, wanted: Item[]): Promise<Map<number, number>> {
  const rows = await database.product.findMany({
    where: { id: { in: wanted.map(({ productId }) => productId) } },
    select: { id: true, priceCents: true },
  })
  return new Map(rows.map(({ id, priceCents }) => [id, priceCents]))
}

/**
 * The order comes first: its key makes a concurrent request with the same key wait here, before it takes any stock,
 * until this one commits (then it gets null) or is undone (then it goes on). Stock comes late, because everybody who
 * wants the same product waits from there to the commit.
 */
async function insert(transaction: Transaction, request: OrderRequest, lines: Line[]): Promise<Order | null> {
  const { email, probe } = request
  const totalCents = lines.reduce((sum, line) => sum + line.priceCents * line.quantity, 0)
  const [row] = await transaction.order.createManyAndReturn({
    data: [{ email, idempotencyKey: request.key, requestHash: request.hash, totalCents, probe }],
    skipDuplicates: true,
  })
  if (!row) return null
  await transaction.orderItem.createMany({ data: lines.map((line) => ({ ...line, orderId: row.id })) })
  // A probe changes the same rows by nothing: it finds what is broken, sells nothing, and never finds a shop sold out.
  for (const { productId, quantity } of lines) {
    await takeStock(transaction, { productId, quantity: probe ? 0 : quantity })
  }
  await appendEvent(transaction, 'order.created', row)
  return toOrder({ ...row, items: lines })
}

/** Takes from stock what is wanted or nothing. */
async function takeStock(transaction: Transaction, { productId, quantity }: Item): Promise<void> {
  const taken = await transaction.$executeRaw`
    UPDATE products SET stock = stock - ${quantity} WHERE id = ${productId} AND stock >= ${quantity}`
  if (taken === 0) throw new OutOfStock(productId)
}
