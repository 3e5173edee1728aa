import type { PricedProduct } from '../../../../apps/reports/pricing/engine.ts'
import type { Rule, RuleOf } from '../../../../apps/reports/pricing/rules.ts'

export const NOW = new Date('2026-11-22T12:00:00Z')
export const DAY_MS = 86_400_000

export const daysAgo = (days: number): Date => new Date(NOW.getTime() - days * DAY_MS)
export const dayBefore = (days: number): string => daysAgo(days).toISOString().slice(0, 10)

/** A lamp for 100.00 that costs 60.00, came yesterday and that nobody else sells. */
export const product = (given: Partial<PricedProduct> = {}): PricedProduct => ({
  id: 1,
  name: 'Lamp',
  category: 'light',
  price_cents: 10_000,
  cost_cents: 6000,
  stocked_at: daysAgo(1),
  competitors: [],
  changed_by: [],
  ...given,
})

/** Competitors that asked these prices today. */
export const asking = (...prices: number[]): PricedProduct['competitors'] =>
  prices.map((price_cents, n) => ({ competitor: `shop ${n}`, seen_on: dayBefore(0), price_cents }))

type Given<R extends Rule> = Partial<Omit<R, 'kind' | 'parameters'>>
const common = { enabled: true, priority: 100, scope: {} }

export const floor = (percent: number, given: Given<Rule> = {}): RuleOf<'margin_floor'> => ({
  ...{ ...common, id: 'floor', name: 'Floor', kind: 'margin_floor', parameters: { percent } },
  ...given,
})

export const follow = (
  percent: number,
  of: 'lowest' | 'average' = 'lowest',
  given: Given<Rule> = {},
  max_age_days = 7,
): RuleOf<'competitor_delta'> => ({
  ...common,
  ...{ id: 'follow', name: 'Follow', kind: 'competitor_delta', parameters: { percent, of, max_age_days } },
  ...given,
})

export const clear = (
  days: number,
  percent_off: number,
  given: Given<Rule> = {},
  floor_percent_of_cost?: number,
): RuleOf<'stock_age'> => ({
  ...common,
  ...{ id: `clear-${days}`, name: `Clear after ${days}`, kind: 'stock_age' },
  parameters: {
    ...{ days, percent_off },
    ...(floor_percent_of_cost !== undefined && { floor_percent_of_cost }),
  },
  ...given,
})
