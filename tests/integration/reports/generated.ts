import { randomUUID } from 'node:crypto'
import { seeded } from '../../simulation/random.ts'
import type { OwnDatabase } from '../database.ts'

export type Item = { productId: number; quantity: number; priceCents: number }
export type Order = {
  email: string
  channel: string
  probe: boolean
  createdAt: Date
  paidAt: Date | null
  /** when the money went back */
  refundedAt: Date | null
  /** before it was sent, or without ever being paid for */
  cancelled: boolean
  items: Item[]
}
export type Product = { id: number; name: string; category: string; stock: number; archived: boolean }
export type Cost = { productId: number; validFrom: string; costCents: number }
export type Spend = {
  day: string
  channel: string
  campaign: string
  spendCents: number
  clicks: number
  impressions: number
}
/** A shop as a list of what it has: what reports should say of it can be counted by hand. */
export type Generated = { products: Product[]; orders: Order[]; costs: Cost[]; spend: Spend[] }

const DAY_MS = 86_400_000
const channels = ['web', 'newsletter', 'search-ads', 'social']
const names = [
  'anna',
  'bert',
  'carla',
  'dora',
  'emil',
  'frida',
  'gustav',
  'hanna',
  'ida',
  'jan',
  'karla',
  'leo',
]

/** Orders from August to the middle of November 2026, the same ones for the same seed. */
export function generateShop(seed: number, howMany: number): Generated {
  const random = seeded(seed)
  const below = (limit: number) => random.between(0, limit - 1)
  const first = Date.parse('2026-08-01T00:00:00Z')
  const span = 107 * DAY_MS
  const products = Array.from({ length: 25 }, (_, index) => ({
    id: 1000 + index,
    name: `Product ${index}`,
    category: `category ${index % 4}`,
    stock: below(50),
    archived: index % 9 === 4,
  }))
  const costs = products.flatMap(({ id }) => {
    // Some have no cost, some one from the beginning on, some one that comes late or changes.
    const changes = below(4)
    return Array.from({ length: changes }, (_, index) => ({
      productId: id,
      validFrom: dayOf(first + index * 30 * DAY_MS + below(20) * DAY_MS),
      costCents: 100 + below(900),
    }))
  })
  const orders = Array.from({ length: howMany }, (_, index) => {
    const createdAt = first + below(span)
    const paid = below(10) > 0
    const paidAt = createdAt + below(2 * DAY_MS)
    const chosen = new Set(Array.from({ length: 1 + below(3) }, () => random.pick(products).id))
    const name = `${random.pick(names)}${below(howMany / 30)}@example.com`
    return {
      email: below(3) === 0 ? name.toUpperCase() : name,
      channel: random.pick(channels),
      probe: below(12) === 0,
      createdAt: new Date(createdAt),
      paidAt: paid ? new Date(paidAt) : null,
      refundedAt: paid && below(8) === 0 ? new Date(paidAt + below(45 * DAY_MS)) : null,
      cancelled: index % 3 === 0,
      items: [...chosen].map((productId) => ({
        productId,
        quantity: 1 + below(5),
        priceCents: 500 + below(4000),
      })),
    }
  })
  const spend = Array.from({ length: 107 }, (_, day) => dayOf(first + day * DAY_MS)).flatMap((day) =>
    ['search-ads', 'social', 'print']
      .filter(() => below(4) > 0)
      .flatMap((channel) =>
        ['autumn', 'brand'].map((campaign) => ({
          ...{ day, channel, campaign },
          spendCents: below(20_000),
          clicks: below(300),
          impressions: below(20_000),
        })),
      ),
  )
  return { products, orders, costs, spend }
}

const dayOf = (time: number): string => new Date(time).toISOString().slice(0, 10)

export const totalOf = ({ items }: Pick<Order, 'items'>): number =>
  items.reduce((sum, { quantity, priceCents }) => sum + quantity * priceCents, 0)

/** Writes a shop into a database, past the application. */
export async function store(own: OwnDatabase, { products, orders, costs, spend }: Generated): Promise<void> {
  await own.sql(
    `INSERT INTO products (id, name, description, price_cents, stock, category, archived_at)
     SELECT id, name, '', 1000, stock, category, CASE WHEN archived THEN now() END
     FROM jsonb_to_recordset($1) AS p(id int, name text, stock int, category text, archived boolean)`,
    [JSON.stringify(products)],
  )
  const rows = orders.map((order) => ({ ...order, id: randomUUID(), total: totalOf(order) }))
  await own.sql(
    `INSERT INTO orders (id, email, status, total_cents, idempotency_key, request_hash, probe, channel,
       created_at, paid_at, refunded_at, cancelled_at)
     SELECT id, email, CASE WHEN "refundedAt" IS NOT NULL THEN CASE WHEN cancelled THEN 'cancelled' ELSE 'refunded' END
         WHEN "paidAt" IS NOT NULL THEN 'completed' WHEN cancelled THEN 'cancelled' ELSE 'pending' END,
       total, id, '', probe, channel, "createdAt", "paidAt",
       CASE WHEN NOT cancelled THEN "refundedAt" END,
       CASE WHEN cancelled THEN coalesce("refundedAt", CASE WHEN "paidAt" IS NULL THEN "createdAt" END) END
     FROM jsonb_to_recordset($1) AS o(id uuid, email text, total int, probe boolean, channel text, cancelled boolean,
       "createdAt" timestamptz, "paidAt" timestamptz, "refundedAt" timestamptz)`,
    [JSON.stringify(rows)],
  )
  await own.sql(
    `INSERT INTO order_items (order_id, product_id, quantity, price_cents)
     SELECT id, "productId", quantity, "priceCents"
     FROM jsonb_to_recordset($1) AS i(id uuid, "productId" int, quantity int, "priceCents" int)`,
    [JSON.stringify(rows.flatMap(({ id, items }) => items.map((item) => ({ id, ...item }))))],
  )
  const [imported] = await own.sql<{ id: string }>(
    `INSERT INTO imports (kind, rows, accepted, rejected) VALUES ('costs', 1, 1, 0) RETURNING id`,
  )
  await own.sql(
    `INSERT INTO product_costs (product_id, valid_from, cost_cents, import_id)
     SELECT "productId", "validFrom", "costCents", $2
     FROM jsonb_to_recordset($1) AS c("productId" int, "validFrom" date, "costCents" int)`,
    [JSON.stringify(costs), imported?.id],
  )
  await own.sql(
    `INSERT INTO ad_spend (day, channel, campaign, spend_cents, clicks, impressions, import_id)
     SELECT day, channel, campaign, "spendCents", clicks, impressions, $2
     FROM jsonb_to_recordset($1)
       AS s(day date, channel text, campaign text, "spendCents" int, clicks int, impressions int)`,
    [JSON.stringify(spend), imported?.id],
  )
}
