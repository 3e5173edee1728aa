import type { PricedProduct } from './engine.ts'
import type { RuleOf } from './rules.ts'

/** A price in cents and why, or what is missing to say one. */
export type Proposal = { price: number; reason: string } | { lacks: string }

const DAY_MS = 86_400_000

/** Whole percents and hundredths of them, without the errors of fractions. */
const basisPoints = (percent: number): number => Math.round(percent * 100)
const euros = (cents: number): string => (cents / 100).toFixed(2)

/** A price beside those of others that were seen recently. */
export function competitorPrice(
  { parameters: { percent, of, max_age_days } }: RuleOf<'competitor_delta'>,
  { competitors }: PricedProduct,
  now: Date,
): Proposal {
  const oldest = new Date(now.getTime() - max_age_days * DAY_MS).toISOString().slice(0, 10)
  const prices = competitors.filter(({ seen_on }) => seen_on >= oldest).map(({ price_cents }) => price_cents)
  if (prices.length === 0) return { lacks: `no competitor's price of the last ${max_age_days} days` }
  const sum = prices.reduce((total, price) => total + price, 0)
  const other = of === 'lowest' ? Math.min(...prices) : sum / prices.length
  const price = Math.max(1, Math.round((other * (10_000 + basisPoints(percent))) / 10_000))
  const noun = prices.length === 1 ? 'competitor' : 'competitors'
  const whose = `the ${of} of ${prices.length} ${noun} (${euros(other)})`
  const beside = percent === 0 ? 'as' : `${Math.abs(percent)} % ${percent < 0 ? 'below' : 'above'}`
  return { price, reason: `${beside} ${whose}` }
}

export const isOldStock = (
  { parameters: { days } }: RuleOf<'stock_age'>,
  { stocked_at }: PricedProduct,
  now: Date,
): boolean => now.getTime() - stocked_at.getTime() > days * DAY_MS

/** A lower price for what has lain for long. It never raises one, not even to the share of the cost. */
export function reducedPrice(
  { parameters: { percent_off, floor_percent_of_cost: share } }: RuleOf<'stock_age'>,
  { cost_cents, stocked_at }: PricedProduct,
  price: number,
  now: Date,
): Proposal {
  const age = Math.floor((now.getTime() - stocked_at.getTime()) / DAY_MS)
  const reduced = Math.max(1, Math.round((price * (10_000 - basisPoints(percent_off))) / 10_000))
  const reason = `in stock for ${age} days: ${percent_off} % off`
  if (share === undefined) return { price: reduced, reason }
  if (cost_cents === null) return { lacks: 'its cost is not known' }
  const floor = Math.min(price, Math.ceil((cost_cents * basisPoints(share)) / 10_000))
  if (floor <= reduced) return { price: reduced, reason }
  return { price: floor, reason: `${reason}, but not below ${share} % of its cost` }
}

/** The lowest price that leaves the margin: the first cent at which price x (100 % - margin) covers the cost. */
export function floorPrice(
  { parameters: { percent } }: RuleOf<'margin_floor'>,
  { cost_cents }: PricedProduct,
): Proposal {
  if (cost_cents === null) return { lacks: 'its cost is not known' }
  const price = Math.ceil((cost_cents * 10_000) / (10_000 - basisPoints(percent)))
  return { price, reason: `not below a margin of ${percent} %` }
}
