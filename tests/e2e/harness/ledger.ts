import type { Ledger, StoredEvent, StoredOrder } from '../../load/ledger.ts'
import type { Stack } from './stack.ts'

/** The shop's books, read from the database itself. */
export const databaseLedger = (stack: Stack): Ledger => ({
  orders: (run) =>
    stack.rows<StoredOrder>(
      `SELECT id, idempotency_key AS key, status, completions, probe FROM orders
       WHERE idempotency_key LIKE '${run}-%'`,
    ),
  events: (after, upTo) =>
    stack.rows<StoredEvent>(
      // A change of stock without an order has an order of zeros.
      `SELECT id, event, payload ->> 'order_id' AS "orderId", payload -> 'stock' IS NOT NULL AS stock
       FROM outbox WHERE id > ${after} AND id <= ${upTo} ORDER BY id`,
    ),
})
