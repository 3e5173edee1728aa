import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Actor, asActor, type Database } from '../../apps/core/database.ts'
import { type OwnDatabase, ownDatabase } from './database.ts'

const ANNA = '00000000-0000-4000-8000-00000000000a'
const BERT = '00000000-0000-4000-8000-00000000000b'
let own: OwnDatabase
let database: Database

beforeAll(async () => {
  own = await ownDatabase()
  await own.sql(
    `INSERT INTO users (id, email) VALUES ('${ANNA}', 'anna@example.com'), ('${BERT}', 'bert@example.com')`,
  )
  for (const [key, user] of [
    ['of-anna', `'${ANNA}'`],
    ['of-bert', `'${BERT}'`],
    ['of-guest', 'NULL'],
  ]) {
    await own.sql(
      `WITH placed AS (INSERT INTO orders (email, idempotency_key, request_hash, user_id)
         VALUES ('x@example.com', '${key}', 'x', ${user}) RETURNING id),
       paid AS (INSERT INTO payments (order_id, amount_cents, status, reference) SELECT id, 100, 'captured', 'x' FROM placed),
       told AS (INSERT INTO mails (order_id, kind, recipient, subject, body) SELECT id, 'x', 'x', 'x', 'x' FROM placed)
       INSERT INTO order_items (order_id, product_id, quantity, price_cents) SELECT id, 1, 1, 100 FROM placed`,
    )
  }
  database = own.open()
})

afterAll(() => own.drop())

/** What a query without any filter shows: the keys of orders, and how many lines of orders. */
async function seenBy(actor: Actor): Promise<{ keys: string[]; lines: number }> {
  return asActor(database, actor, async (transaction) => {
    const orders = await transaction.order.findMany({ orderBy: { idempotencyKey: 'asc' } })
    return { keys: orders.map((order) => order.idempotencyKey), lines: await transaction.orderItem.count() }
  })
}

test('payments and mails are seen with their order, and only with it', async () => {
  const seen = (actor: Actor) =>
    asActor(
      database,
      actor,
      (transaction) => transaction.$queryRaw<{ key: string }[]>`
        SELECT (SELECT idempotency_key FROM orders WHERE id = order_id) AS key FROM payments
        UNION ALL SELECT (SELECT idempotency_key FROM orders WHERE id = order_id) FROM mails ORDER BY 1`,
    )
  expect(await seen(`user:${ANNA}`)).toEqual([{ key: 'of-anna' }, { key: 'of-anna' }])
  expect(await seen('key:of-guest')).toEqual([{ key: 'of-guest' }, { key: 'of-guest' }])
  expect(await seen('nobody')).toEqual([])
  expect(await seen('service')).toHaveLength(6)
})

test('a query that forgets its filter shows a user their own orders and lines, and no others', async () => {
  expect(await seenBy(`user:${ANNA}`)).toEqual({ keys: ['of-anna'], lines: 1 })
  expect(await seenBy(`user:${BERT}`)).toEqual({ keys: ['of-bert'], lines: 1 })
})

test('a guest sees the one order whose id or key they know, and never one of a user', async () => {
  const ids = await own.sql<{ id: string; idempotency_key: string }>('SELECT id, idempotency_key FROM orders')
  const idOf = (key: string) => ids.find((row) => row.idempotency_key === key)?.id
  expect(await seenBy(`order:${idOf('of-guest')}`)).toEqual({ keys: ['of-guest'], lines: 1 })
  expect(await seenBy('key:of-guest')).toEqual({ keys: ['of-guest'], lines: 1 })
  expect(await seenBy(`order:${idOf('of-anna')}`)).toEqual({ keys: [], lines: 0 })
  expect(await seenBy('key:of-anna')).toEqual({ keys: [], lines: 0 })
})

test('a connection of the application that says nothing sees nothing, outside and after a transaction', async () => {
  expect(await database.order.count()).toBe(0)
  expect(await seenBy('admin')).toEqual({ keys: ['of-anna', 'of-bert', 'of-guest'], lines: 3 })
  expect(await database.order.count()).toBe(0)
})

test('nobody can place an order in the name of somebody else', async () => {
  const data = { email: 'x@example.com', idempotencyKey: 'forged', requestHash: 'x', userId: BERT }
  const forge = (actor: Actor) =>
    asActor(database, actor, (transaction) => transaction.order.create({ data }))
  await expect(forge(`user:${ANNA}`)).rejects.toThrow(/row-level security/)
  await expect(forge('key:forged')).rejects.toThrow(/row-level security/)
})

test('a release that knows nothing of actors goes on seeing every order', async () => {
  const { url } = own
  const { Client } = (await import('pg')).default
  const before = new Client({ connectionString: url })
  await before.connect()
  const { rows } = await before.query('SELECT count(*)::int AS orders FROM orders')
  await before.end()
  expect(rows).toEqual([{ orders: 3 }])
})
