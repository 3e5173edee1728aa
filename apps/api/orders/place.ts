import { type Actor, asActor, type Database, type Transaction } from '../../core/database.ts'
import { appendEvent, type StockLevel } from '../../core/outbox.ts'
import { takeStock } from '../../core/stock.ts'
import { type Order, toOrder, withItems } from './order.ts'
import { hashOrder, type Item, MOST_CENTS, type OrderRequest } from './request.ts'

export type Placed =
  | { outcome: 'created'; order: Order }
  | { outcome: 'existing'; order: Order; sameRequest: boolean }
  | { outcome: 'unknown product' | 'out of stock'; productId: number }
  | { outcome: 'key of somebody else' | 'unknown user' | 'too dear' }

/**
 * Places an order once, however often it is asked with the same key. The key of an order that is not theirs tells
 * nobody more than that it is taken: row security does not even show the order to this transaction.
 */
export async function place(database: Database, request: OrderRequest): Promise<Placed> {
  const actor: Actor = request.userId === undefined ? `key:${request.key}` : `user:${request.userId}`
  const email = request.email ?? (await addressOf(database, request.userId))
  if (email === undefined) return { outcome: 'unknown user' }
  const complete = { ...request, email, hash: hashOrder(email, request.items, request.probe) }

  const products = await readProducts(database, request.items)
  const lines = request.items.map((item) => ({ ...item, product: products.get(item.productId) }))
  const unknown = lines.find(({ product }) => product === undefined)
  // What was ordered before may have left the shop since: a repetition is answered all the same.
  if (unknown) {
    const before = await findExisting(database, actor, complete)
    return before ?? { outcome: 'unknown product', productId: unknown.productId }
  }
  // The price of what was ordered before may have risen since: that is answered all the same.
  if (totalOf(lines as Line[]) > MOST_CENTS) {
    return (await findExisting(database, actor, complete)) ?? { outcome: 'too dear' }
  }
  try {
    const order = await asActor(database, actor, (transaction) =>
      insert(transaction, complete, lines as Line[]),
    )
    if (order) return { outcome: 'created', order }
    return (await findExisting(database, actor, complete)) ?? { outcome: 'key of somebody else' }
  } catch (error) {
    if (error instanceof OutOfStock) return { outcome: 'out of stock', productId: error.productId }
    throw error
  }
}

type Complete = OrderRequest & { email: string; hash: string }
type Product = { id: number; name: string; priceCents: number }
type Line = Item & { product: Product }

const totalOf = (lines: Line[]): number =>
  lines.reduce((sum, { product, quantity }) => sum + product.priceCents * quantity, 0)

/** Undoes the transaction. */
class OutOfStock extends Error {
  readonly productId: number

  constructor(productId: number) {
    super('out of stock')
    this.productId = productId
  }
}

async function addressOf(database: Database, userId: string | undefined): Promise<string | undefined> {
  if (userId === undefined) return undefined
  return (await database.user.findUnique({ where: { id: userId }, select: { email: true } }))?.email
}

async function readProducts(database: Database, wanted: Item[]): Promise<Map<number, Product>> {
  const rows = await database.product.findMany({
    where: { id: { in: wanted.map(({ productId }) => productId) }, archivedAt: null },
    select: { id: true, name: true, priceCents: true },
  })
  return new Map(rows.map((row) => [row.id, row]))
}

async function findExisting(
  database: Database,
  actor: Actor,
  { key, hash }: Complete,
): Promise<Placed | undefined> {
  const row = await asActor(database, actor, (transaction) =>
    transaction.order.findUnique({ where: { idempotencyKey: key }, include: withItems }),
  )
  if (!row) return undefined
  return { outcome: 'existing', order: toOrder(row), sameRequest: row.requestHash === hash }
}

/**
 * The order comes first: its key makes a concurrent request with the same key wait here, before it takes any stock,
 * until this one commits (then it gets null) or is undone (then it goes on). Stock comes late, because everybody who
 * wants the same product waits from there to the commit.
 */
async function insert(transaction: Transaction, request: Complete, lines: Line[]): Promise<Order | null> {
  const { email, probe, userId, key, hash, channel } = request
  const totalCents = totalOf(lines)
  const [row] = await transaction.order.createManyAndReturn({
    data: [
      {
        ...{ email, userId: userId ?? null, idempotencyKey: key, requestHash: hash },
        ...{ totalCents, probe, channel },
      },
    ],
    skipDuplicates: true,
  })
  if (!row) return null
  const items = lines.map(({ productId, quantity, product }) => ({
    ...{ orderId: row.id, productId, quantity },
    priceCents: product.priceCents,
  }))
  await transaction.orderItem.createMany({ data: items })
  const stock: StockLevel[] = []
  // A probe changes the same rows by nothing: it finds what is broken, sells nothing, and never finds a shop sold out.
  for (const { productId, quantity } of lines) {
    const left = await takeStock(transaction, { productId, quantity: probe ? 0 : quantity })
    if (!left) throw new OutOfStock(productId)
    if (!probe) stock.push(left)
  }
  await appendEvent(transaction, 'order.created', row, stock)
  return toOrder({ ...row, items: lines.map((line) => ({ ...line, priceCents: line.product.priceCents })) })
}
