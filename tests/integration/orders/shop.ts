import { randomUUID } from 'node:crypto'
import type { Principal } from '../../../apps/api/auth/principal.ts'
import type { Order } from '../../../apps/api/orders/order.ts'
import { type OrderRepository, orderRepository } from '../../../apps/api/orders/repository.ts'
import { type OrderRequest, toOrder } from '../../../apps/api/orders/request.ts'
import { type OwnDatabase, ownDatabase } from '../database.ts'

type StoredEvent = { event: string; user_id: string | null; payload: Record<string, unknown> }

/** A shop on a database of its own: the repository as an API process has it, and what a test looks at. */
export type Shop = {
  own: OwnDatabase
  orders: OrderRepository
  user(role?: Principal['role']): Promise<Principal>
  /** A new product; answers its id. */
  product(stock: number): Promise<number>
  stock(product: number): Promise<number>
  /** Events of an order, oldest first. */
  events(orderId: string): Promise<StoredEvent[]>
  /** The rows of a table that belong to an order, oldest first. */
  rows<Row extends object>(table: 'orders' | 'payments' | 'mails', orderId: string): Promise<Row[]>
}

export async function openShop(): Promise<Shop> {
  const own = await ownDatabase()
  return {
    own,
    orders: orderRepository(own.open()),
    async user(role = 'user') {
      const id = randomUUID()
      await own.sql(`INSERT INTO users (id, email, role) VALUES ($1, $2, $3)`, [
        id,
        `${id}@example.com`,
        role,
      ])
      return { id, role }
    },
    async product(stock) {
      const [row] = await own.sql<{ id: number }>(
        `INSERT INTO products (name, description, price_cents, stock, category)
         VALUES ('Thing', '', 250, $1, 'things') RETURNING id`,
        [stock],
      )
      return row?.id ?? 0
    },
    stock: async (product) =>
      (await own.sql<{ stock: number }>('SELECT stock FROM products WHERE id = $1', [product]))[0]?.stock ??
      -1,
    events: (orderId) =>
      own.sql<StoredEvent>('SELECT event, user_id, payload FROM outbox WHERE order_id = $1 ORDER BY id', [
        orderId,
      ]),
    rows: <Row extends object>(table: string, orderId: string) =>
      own.sql<Row & Record<string, unknown>>(
        `SELECT * FROM ${table} WHERE ${table === 'orders' ? 'id' : 'order_id'} = $1 ORDER BY created_at`,
        [orderId],
      ),
  }
}

/** A request for one product under a new key, of a guest unless it says otherwise. */
export const aRequest = (product: number, given: Partial<OrderRequest> & { quantity?: number } = {}) => {
  const { quantity = 1, ...replaced } = given
  const body = { email: 'guest@example.com', items: [{ product_id: product, quantity }] }
  return { ...toOrder(body, { key: `key-${randomUUID()}` }), ...replaced }
}

/** Places an order that must succeed. */
export async function placed(orders: OrderRepository, request: OrderRequest): Promise<Order> {
  const answer = await orders.place(request)
  if (answer.outcome !== 'created') throw new Error(`not created: ${answer.outcome}`)
  return answer.order
}
