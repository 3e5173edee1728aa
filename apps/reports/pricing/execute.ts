import { createHash } from 'node:crypto'
import { HttpError } from '../../api/errors.ts'
import type { Database, Transaction } from '../../core/database.ts'
import type { By } from './by.ts'
import type { PriceChange } from './engine.ts'
import { look } from './preview.ts'
import { alone, findRun, type RunView, record } from './runs.ts'

export type Execution = { fingerprint: string; rule_ids?: string[] | undefined }

/**
 * Sets the prices that a preview showed: all of them or none, in one transaction with what tells of it. The same key
 * with the same body gives the same run, whenever it comes. Errors: 409 if anything that the preview depends on has
 * changed, 422 for a key that came with another body.
 */
export function execute(
  database: Database,
  execution: Execution,
  key: string,
  by: By,
  now: Date,
): Promise<RunView> {
  const requestHash = hashOf(execution)
  return database.$transaction(async (transaction) => {
    await alone(transaction)
    const before = await transaction.pricingRun.findUnique({ where: { idempotencyKey: key } })
    if (before) {
      if (before.requestHash !== requestHash)
        throw new HttpError(422, 'this Idempotency-Key was used for another request')
      return findRun(transaction, before.id)
    }
    const { fingerprint, pricing } = await look(transaction, execution.rule_ids, now)
    if (fingerprint !== execution.fingerprint) throw outdated()
    const { id } = await transaction.pricingRun.create({
      data: { idempotencyKey: key, requestHash, actorId: by.actor.id, appliedAt: now },
    })
    await setPrices(transaction, pricing.changes)
    await keep(transaction, id, pricing.changes)
    const rules = [...new Set(pricing.changes.map(({ rule }) => rule.name))]
    await record(transaction, 'execute', id, by, { changes: pricing.changes.length, rules })
    return findRun(transaction, id)
  })
}

const outdated = () => new HttpError(409, 'prices or rules have changed since the preview: look at it again')

/**
 * Rows are locked in the order of their ids, as orders lock them. An edit may come between the look and the lock; then
 * a row does not have the price any more from which the new one was made.
 */
async function setPrices(transaction: Transaction, changes: PriceChange[]): Promise<void> {
  const ids = changes.map(({ product }) => product.id)
  await transaction.$queryRaw`
    SELECT FROM products WHERE id = ANY (${ids}::int[]) ORDER BY id FOR NO KEY UPDATE`
  const updated = await transaction.$executeRaw`
    UPDATE products SET price_cents = change.next
    FROM unnest(
      ${ids}::int[],
      ${changes.map(({ product }) => product.price_cents)}::int[],
      ${changes.map(({ new_price_cents }) => new_price_cents)}::int[]
    ) AS change (id, seen, next)
    WHERE products.id = change.id AND price_cents = change.seen AND archived_at IS NULL`
  if (updated !== changes.length) throw outdated()
}

/** In one statement: thousands of rows would otherwise take seconds, in which nobody can order what is locked. */
async function keep(transaction: Transaction, runId: string, changes: PriceChange[]): Promise<void> {
  await transaction.$executeRaw`
    INSERT INTO price_changes (run_id, product_id, rule_id, reason, old_price_cents, new_price_cents)
    SELECT ${runId}::uuid, * FROM unnest(
      ${changes.map(({ product }) => product.id)}::int[],
      ${changes.map(({ rule }) => rule.id)}::uuid[],
      ${changes.map(({ reason }) => reason)}::text[],
      ${changes.map(({ product }) => product.price_cents)}::int[],
      ${changes.map(({ new_price_cents }) => new_price_cents)}::int[]
    )`
}

const hashOf = ({ fingerprint, rule_ids }: Execution): string =>
  createHash('sha256')
    .update(JSON.stringify([fingerprint, rule_ids?.toSorted() ?? null]))
    .digest('hex')
