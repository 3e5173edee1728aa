import type { Rule, RuleTerms, Scope } from '../../../api/pricing.ts'
import { plainPercent } from '../../../format/numbers.ts'

export const kindNames: Record<RuleTerms['kind'], string> = {
  margin_floor: 'Lowest margin',
  competitor_delta: 'Follow competitors',
  stock_age: 'Clear old stock',
}

const days = (count: number): string => (count === 1 ? '1 day' : `${count} days`)

/** What a rule does, in a sentence. */
export function termsOf(rule: RuleTerms): string {
  switch (rule.kind) {
    case 'margin_floor':
      return `Never below a margin of ${plainPercent(rule.parameters.percent)}.`
    case 'competitor_delta': {
      const { percent: delta, of, max_age_days } = rule.parameters
      const price = of === 'lowest' ? 'the lowest price' : 'the average price'
      const how = delta === 0 ? 'At' : `${plainPercent(Math.abs(delta))} ${delta < 0 ? 'below' : 'above'}`
      return `${how} ${price} of competitors in the last ${days(max_age_days)}.`
    }
    case 'stock_age': {
      const { days: age, percent_off, floor_percent_of_cost: floor } = rule.parameters
      const bound = floor === undefined ? '' : `, but not below ${plainPercent(floor)} of the cost`
      return `${plainPercent(percent_off)} off after ${days(age)} in stock${bound}.`
    }
  }
}

/** What a rule applies to. */
export function scopeOf({ category, product_ids }: Scope): string {
  const parts = [
    ...(category ? [category] : []),
    ...(product_ids?.length
      ? [`${product_ids.length === 1 ? 'product' : 'products'} ${product_ids.join(', ')}`]
      : []),
  ]
  return parts.join(', ') || 'All products'
}

/** In the order in which they apply: the lowest margin bounds what all the others did. */
export function inOrder<R extends Pick<Rule, 'kind' | 'priority' | 'name'>>(rules: readonly R[]): R[] {
  const last = ({ kind }: R) => Number(kind === 'margin_floor')
  return [...rules].sort(
    (a, b) => last(a) - last(b) || a.priority - b.priority || a.name.localeCompare(b.name),
  )
}
