import { audit } from '../../api/audit.ts'
import { HttpError } from '../../api/errors.ts'
import { type Page, type Pagination, paginate } from '../../api/pagination.ts'
import type { Database, Transaction } from '../../core/database.ts'
import type { By } from './by.ts'
import { deltaPercent } from './preview.ts'

/** One application of the rules, as clients see it. `changes`: how many prices it set. */
export type RunView = {
  id: string
  applied_at: string
  undone_at: string | null
  changes: number
  actor_id: string | null
}

/** What a run did to a product; `rule_id` and `rule` are null when the rule exists no more. */
export type RunChange = {
  product_id: number
  name: string
  category: string
  price_cents: number
  new_price_cents: number
  delta_percent: number
  rule_id: string | null
  rule: string | null
  reason: string
}

/** A page of runs, the newest first. */
export async function listRuns(
  database: Database,
  page: Page,
): Promise<{ runs: RunView[]; pagination: Pagination }> {
  const [rows, total] = await Promise.all([
    database.pricingRun.findMany({
      include: counted,
      orderBy: [{ appliedAt: 'desc' }, { id: 'desc' }],
      skip: (page.page - 1) * page.limit,
      take: page.limit,
    }),
    database.pricingRun.count(),
  ])
  return { runs: rows.map(toRun), pagination: paginate(page, total) }
}

/** Errors: 404. */
export async function readRun(
  database: Database,
  id: string,
): Promise<{ run: RunView; changes: RunChange[] }> {
  const run = await findRun(database, id)
  const rows = await database.priceChange.findMany({
    where: { runId: id },
    include: { product: true, rule: true },
    orderBy: { productId: 'asc' },
  })
  const changes = rows.map(({ product, rule, ruleId, reason, oldPriceCents, newPriceCents }) => ({
    ...{ product_id: product.id, name: product.name, category: product.category },
    ...{ price_cents: oldPriceCents, new_price_cents: newPriceCents },
    delta_percent: deltaPercent(oldPriceCents, newPriceCents),
    ...{ rule_id: ruleId, rule: rule?.name ?? null, reason },
  }))
  return { run, changes }
}

/** Errors: 404. */
export async function findRun(transaction: Transaction, id: string): Promise<RunView> {
  const run = await transaction.pricingRun.findUnique({ where: { id }, include: counted })
  if (!run) throw new HttpError(404, `there is no pricing run ${id}`)
  return toRun(run)
}

const counted = { _count: { select: { changes: true } } } as const

type Counted = {
  id: string
  appliedAt: Date
  undoneAt: Date | null
  actorId: string | null
  _count: { changes: number }
}

const toRun = ({ id, appliedAt, undoneAt, actorId, _count }: Counted): RunView => ({
  id,
  applied_at: appliedAt.toISOString(),
  undone_at: undoneAt?.toISOString() ?? null,
  changes: _count.changes,
  actor_id: actorId,
})

/**
 * Waits until no other transaction changes prices by rules; released with the transaction. Repeated requests then find
 * the run of the first, and a run and its undoing never meet half-way.
 */
export async function alone(transaction: Transaction): Promise<void> {
  await transaction.$executeRaw`SELECT pg_advisory_xact_lock(hashtext('ecomweb pricing'))`
}

/** Writes what happened to prices in the transaction in which it happens. */
export const record = (
  transaction: Transaction,
  action: 'execute' | 'undo',
  runId: string,
  { actor, requestId }: By,
  details: object,
): Promise<void> =>
  audit(transaction, { actor, action: `pricing.${action}`, target: targetOf(runId), details, requestId })

export const targetOf = (runId: string): string => `pricing-run:${runId}`
