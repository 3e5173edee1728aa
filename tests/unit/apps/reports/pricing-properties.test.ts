import fc from 'fast-check'
import { expect, test } from 'vitest'
import {
  applyRules,
  MOST_CENTS,
  type PricedProduct,
  type Pricing,
} from '../../../../apps/reports/pricing/engine.ts'
import type { Rule, RuleOf } from '../../../../apps/reports/pricing/rules.ts'
import { clear, dayBefore, daysAgo, floor, follow, NOW } from './pricing.fixture.ts'

const cents = fc.oneof(fc.integer({ min: 1, max: 200 }), fc.integer({ min: 1, max: MOST_CENTS }))
const percent = (min: number, max: number) =>
  fc.integer({ min: min * 100, max: max * 100 }).map((hundredths) => hundredths / 100)
const categories = ['light', 'kitchen']

const products = fc
  .array(
    fc.record({
      price_cents: fc.oneof({ weight: 9, arbitrary: cents }, { weight: 1, arbitrary: fc.constant(0) }),
      cost_cents: fc.option(fc.integer({ min: 0, max: MOST_CENTS / 2 })),
      category: fc.constantFrom(...categories),
      stocked_at: fc.integer({ min: 0, max: 100 }).map(daysAgo),
      competitors: fc.array(
        fc.record({
          competitor: fc.constant('shop'),
          seen_on: fc.integer({ min: 0, max: 10 }).map(dayBefore),
          price_cents: cents,
        }),
        { maxLength: 3 },
      ),
    }),
    { maxLength: 6 },
  )
  .map((list) =>
    list.map((one, n): PricedProduct => ({ ...one, id: n + 1, name: `product ${n + 1}`, changed_by: [] })),
  )

const given = fc.record({
  priority: fc.integer({ min: 0, max: 3 }),
  scope: fc.oneof(
    fc.constant({}),
    fc.constantFrom(...categories).map((category) => ({ category })),
    fc.uniqueArray(fc.integer({ min: 1, max: 6 }), { minLength: 1 }).map((product_ids) => ({ product_ids })),
  ),
})
const floors = fc.tuple(percent(0, 99), given).map(([share, more]) => floor(share, more))
const others = fc.oneof(
  fc
    .tuple(percent(-90, 500), fc.constantFrom('lowest' as const, 'average' as const), given)
    .map(([delta, of, more]) => follow(delta, of, more)),
  fc
    .tuple(fc.integer({ min: 1, max: 90 }), percent(0.01, 90), given, fc.option(percent(0, 300)))
    .map(([days, off, more, share]) => clear(days, off, more, share ?? undefined)),
)
const numbered = <R extends Rule>(prefix: string, rules: R[]): R[] =>
  rules.map((rule, n) => ({ ...rule, id: `${prefix}${n}` }))

const shop = fc.record({
  products,
  rules: fc.array(fc.oneof(floors, others), { maxLength: 6 }).map((list) => numbered<Rule>('rule', list)),
  bounds: fc.array(floors, { maxLength: 2 }).map((list) => numbered('bound', list)),
})
type Shop = { products: PricedProduct[]; rules: Rule[]; bounds: RuleOf<'margin_floor'>[] }

const apply = ({ rules, bounds, products }: Shop): Pricing => applyRules(rules, bounds, products, NOW)
const holds = (check: (shop: Shop) => void) => fc.assert(fc.property(shop, check), { numRuns: 500 })

const concerns = ({ scope }: Rule, { id, category }: PricedProduct): boolean =>
  (scope.category ?? category) === category && (scope.product_ids ?? [id]).includes(id)

test('no price that changes undercuts a margin floor', () => {
  let floored = 0
  holds((shop) => {
    const all = [...shop.rules.filter((rule) => rule.kind === 'margin_floor'), ...shop.bounds]
    for (const { product, new_price_cents, rule } of apply(shop).changes) {
      if (rule.kind === 'margin_floor') floored++
      for (const { parameters } of all.filter((one) => concerns(one, product))) {
        const kept = BigInt(new_price_cents) * BigInt(10_000 - Math.round(parameters.percent * 100))
        expect(kept).toBeGreaterThanOrEqual(BigInt(product.cost_cents ?? Number.NaN) * 10_000n)
      }
    }
  })
  expect(floored).toBeGreaterThan(50)
})

test('every product is changed, unchanged or skipped; every new price is one that the shop can ask', () => {
  holds((shop) => {
    const { changes, unchanged, skipped } = apply(shop)
    expect(changes.length + unchanged + skipped.length).toBe(shop.products.length)
    for (const { product, new_price_cents, rule, reason } of changes) {
      expect(Number.isInteger(new_price_cents)).toBe(true)
      expect(new_price_cents).toBeGreaterThan(0)
      expect(new_price_cents).toBeLessThanOrEqual(MOST_CENTS)
      expect(new_price_cents).not.toBe(product.price_cents)
      expect(concerns(rule, product)).toBe(true)
      expect(reason).not.toBe('')
    }
  })
})

test('the order in which rules are given does not matter, only their priority', () => {
  holds((shop) => {
    expect(apply({ ...shop, rules: shop.rules.toReversed() })).toEqual(apply(shop))
  })
})

test('a second run right after the first changes nothing', () => {
  let changed = 0
  holds((shop) => {
    const first = apply(shop)
    changed += first.changes.length
    const results = new Map(first.changes.map((change) => [change.product.id, change]))
    const products = shop.products.map((product) => {
      const change = results.get(product.id)
      return change
        ? { ...product, price_cents: change.new_price_cents, changed_by: [change.rule.id] }
        : product
    })
    expect(apply({ ...shop, products }).changes).toEqual([])
  })
  expect(changed).toBeGreaterThan(200)
})
