import type { Database, Transaction } from '../../core/database.ts'
import type { By } from './by.ts'
import { alone, findRun, type RunView, record, targetOf } from './runs.ts'

/** A price that somebody has changed since the run; undoing leaves it as it is. */
export type Kept = { product_id: number; name: string; price_cents: number }

/**
 * Gives products the prices from before a run, where they still have the run's. Once only: a second time it answers as
 * the first time. Errors: 404.
 */
export function undo(
  database: Database,
  id: string,
  by: By,
  now: Date,
): Promise<{ run: RunView; kept: Kept[] }> {
  return database.$transaction(async (transaction) => {
    await alone(transaction)
    const run = await findRun(transaction, id)
    if (run.undone_at !== null) return { run, kept: await keptThen(transaction, id) }
    await transaction.$queryRaw`
      SELECT FROM products WHERE id IN (SELECT product_id FROM price_changes WHERE run_id = ${id}::uuid)
      ORDER BY id FOR NO KEY UPDATE`
    const kept = await transaction.$queryRaw<Kept[]>`
      SELECT product_id, name, price_cents FROM price_changes JOIN products ON products.id = product_id
      WHERE run_id = ${id}::uuid AND price_cents <> new_price_cents
      ORDER BY product_id`
    const restored = await transaction.$executeRaw`
      UPDATE products SET price_cents = old_price_cents FROM price_changes
      WHERE run_id = ${id}::uuid AND products.id = product_id AND price_cents = new_price_cents`
    await transaction.pricingRun.update({ where: { id }, data: { undoneAt: now, undoneBy: by.actor.id } })
    await record(transaction, 'undo', id, by, { restored, kept })
    return { run: await findRun(transaction, id), kept }
  })
}

/** What the first undoing kept, of which its entry in the audit log tells. */
async function keptThen(transaction: Transaction, id: string): Promise<Kept[]> {
  const entry = await transaction.auditEntry.findFirst({
    where: { action: 'pricing.undo', target: targetOf(id) },
  })
  return ((entry?.details ?? {}) as { kept?: Kept[] }).kept ?? []
}
