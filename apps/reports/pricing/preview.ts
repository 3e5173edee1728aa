import { createHash } from 'node:crypto'
import type { Transaction } from '../../core/database.ts'
import { applyRules, type PriceChange, type PricedProduct, type Pricing } from './engine.ts'
import { readProducts } from './inputs.ts'
import { chooseRules } from './rule-store.ts'
import type { Rule } from './rules.ts'

/** A change as clients see it; money in cents, percents rounded to hundredths. */
export type ChangeView = {
  product_id: number
  name: string
  category: string
  price_cents: number
  new_price_cents: number
  delta_percent: number
  rule_id: string
  rule: string
  reason: string
  cost_cents: number | null
  margin_percent: number | null
  new_margin_percent: number | null
}

export type Preview = {
  fingerprint: string
  changes: ChangeView[]
  unchanged: number
  skipped: { product_id: number; name: string; reason: string }[]
}

/** What the rules would do now. `fingerprint` names everything that this depends on. */
export async function look(
  transaction: Transaction,
  ruleIds: string[] | undefined,
  now: Date,
): Promise<{ fingerprint: string; pricing: Pricing }> {
  const { rules, bounds } = await chooseRules(transaction, ruleIds)
  const products = await readProducts(transaction, now)
  const pricing = applyRules(rules, bounds, products, now)
  return { fingerprint: fingerprintOf(rules, bounds, products, pricing), pricing }
}

export function toPreview({ fingerprint, pricing }: Awaited<ReturnType<typeof look>>): Preview {
  return {
    fingerprint,
    changes: pricing.changes.map(changeView),
    unchanged: pricing.unchanged,
    skipped: pricing.skipped.map(({ product: { id, name }, reason }) => ({ product_id: id, name, reason })),
  }
}

/** The prices that come out are part of it too: a rule about days may say something else tomorrow. */
function fingerprintOf(
  rules: Rule[],
  bounds: Rule[],
  products: PricedProduct[],
  { changes }: Pricing,
): string {
  const hash = createHash('sha256').update(JSON.stringify([rules.map(essence), bounds.map(essence)]))
  for (const { id, category, price_cents, cost_cents, stocked_at, competitors, changed_by } of products)
    hash.update(JSON.stringify([id, category, price_cents, cost_cents, stocked_at, competitors, changed_by]))
  for (const { product, new_price_cents, rule } of changes)
    hash.update(JSON.stringify([product.id, new_price_cents, rule.id]))
  return hash.digest('hex')
}

const essence = ({ id, kind, priority, scope, parameters }: Rule) => [id, kind, priority, scope, parameters]

function changeView({ product, new_price_cents, rule, reason }: PriceChange): ChangeView {
  const { id, name, category, price_cents, cost_cents } = product
  return {
    ...{ product_id: id, name, category, price_cents, new_price_cents },
    delta_percent: deltaPercent(price_cents, new_price_cents),
    ...{ rule_id: rule.id, rule: rule.name, reason, cost_cents },
    margin_percent: marginPercent(price_cents, cost_cents),
    new_margin_percent: marginPercent(new_price_cents, cost_cents),
  }
}

export const deltaPercent = (before: number, after: number): number =>
  rounded(((after - before) / before) * 100)

const marginPercent = (price: number, cost: number | null): number | null =>
  cost === null ? null : rounded(((price - cost) / price) * 100)

const rounded = (percent: number): number => Math.round(percent * 100) / 100
