import { competitorPrice, floorPrice, isOldStock, type Proposal, reducedPrice } from './proposals.ts'
import type { Rule, RuleOf } from './rules.ts'

/** What the rules know of a product. Money in cents; days as YYYY-MM-DD in UTC. */
export type PricedProduct = {
  id: number
  name: string
  category: string
  price_cents: number
  /** null where nobody has told it */
  cost_cents: number | null
  stocked_at: Date
  /** the newest price of each competitor */
  competitors: { competitor: string; seen_on: string; price_cents: number }[]
  /** rules that have changed its price since it was stocked */
  changed_by: string[]
}

/** `rule` is the one that decided; `reason` tells a person how. */
export type PriceChange = { product: PricedProduct; new_price_cents: number; rule: Rule; reason: string }
export type Pricing = {
  changes: PriceChange[]
  unchanged: number
  /** what a rule is about, but could not price */
  skipped: { product: PricedProduct; reason: string }[]
}

/** What the shop can ask for a product at most, in cents. */
export const MOST_CENTS = 10_000_000

/**
 * Applies rules to products, each product in the order of priority, from the price that it has or that the rule before
 * gave it. Margin floors come last: whatever the others say, no price that changes falls below one. `bounds` are
 * floors that only hold what other rules change. The same arguments always give the same result.
 */
export function applyRules(
  rules: Rule[],
  bounds: RuleOf<'margin_floor'>[],
  products: PricedProduct[],
  now: Date,
): Pricing {
  const ordered = rules.toSorted((a, b) => a.priority - b.priority || (a.id < b.id ? -1 : 1))
  const pricing: Pricing = { changes: [], unchanged: 0, skipped: [] }
  for (const product of products) {
    const outcome = priceOf(product, ordered, bounds, now)
    if (outcome === 'unchanged') pricing.unchanged++
    else if ('rule' in outcome) pricing.changes.push(outcome)
    else pricing.skipped.push(outcome)
  }
  return pricing
}

type Outcome = 'unchanged' | PriceChange | { product: PricedProduct; reason: string }

function priceOf(
  product: PricedProduct,
  ordered: Rule[],
  bounds: RuleOf<'margin_floor'>[],
  now: Date,
): Outcome {
  const concerned = ordered.filter((rule) => concerns(rule, product))
  const skip = (reason: string): Outcome => ({ product, reason })
  // Somebody gives it away on purpose.
  if (product.price_cents === 0) return concerned.length > 0 ? skip('it is free') : 'unchanged'

  const lacks: string[] = []
  let price = product.price_cents
  let decided: { rule: Rule; reasons: string[] } | undefined
  let market = false
  const accept = (rule: Rule, proposal: Proposal, replaces: boolean): void => {
    if ('lacks' in proposal) return void lacks.push(proposal.lacks)
    if (replaces) market = true
    if (proposal.price === price) return
    const before = replaces ? [] : (decided?.reasons ?? [])
    decided = { rule, reasons: [...before, proposal.reason] }
    price = proposal.price
  }

  const oldest = oldestStock(concerned, product, now)
  for (const rule of concerned) {
    if (rule.kind === 'competitor_delta') accept(rule, competitorPrice(rule, product, now), true)
    // A price that follows the market is made anew each time; any other would fall with each run.
    if (rule === oldest && (market || !product.changed_by.includes(rule.id)))
      accept(rule, reducedPrice(oldest, product, price, now), false)
  }

  const lift = (floors: RuleOf<'margin_floor'>[]): string | undefined => {
    for (const rule of floors) {
      const floor = floorPrice(rule, product)
      if ('lacks' in floor) return floor.lacks
      if (floor.price > price) accept(rule, floor, false)
    }
    return undefined
  }
  const held = bounds.filter((rule) => concerns(rule, product))
  const unknown =
    lift(concerned.filter((rule) => rule.kind === 'margin_floor')) ??
    (price !== product.price_cents ? lift(held) : undefined)
  // Without its cost nobody knows whether the price may fall.
  if (unknown) return skip(unknown)
  if (price > MOST_CENTS) return skip('its price would be higher than the shop can ask')
  if (price !== product.price_cents && decided)
    return { product, new_price_cents: price, rule: decided.rule, reason: decided.reasons.join('; ') }
  return lacks.length > 0 ? skip([...new Set(lacks)].join('; ')) : 'unchanged'
}

function concerns({ scope: { category, product_ids } }: Rule, product: PricedProduct): boolean {
  if (category !== undefined && category !== product.category) return false
  return product_ids === undefined || product_ids.includes(product.id)
}

/** Of several rules about old stock the one with the most days counts: they are steps, not a sum. */
const oldestStock = (concerned: Rule[], product: PricedProduct, now: Date): RuleOf<'stock_age'> | undefined =>
  concerned
    .filter((rule) => rule.kind === 'stock_age')
    .filter((rule) => isOldStock(rule, product, now))
    .toSorted((a, b) => b.parameters.days - a.parameters.days)[0]
