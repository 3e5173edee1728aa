import { describe, expect, test } from 'vitest'
import { applyRules, MOST_CENTS, type PricedProduct } from '../../../../apps/reports/pricing/engine.ts'
import { newRule, type Rule, type RuleOf } from '../../../../apps/reports/pricing/rules.ts'
import { asking, clear, dayBefore, daysAgo, floor, follow, NOW, product } from './pricing.fixture.ts'

const price = (rules: Rule[], one: PricedProduct, bounds: RuleOf<'margin_floor'>[] = []) => {
  const { changes, skipped } = applyRules(rules, bounds, [one], NOW)
  const [change] = changes
  if (change) return { cents: change.new_price_cents, by: change.rule.id, why: change.reason }
  return skipped[0]?.reason ?? 'unchanged'
}

describe('a margin floor', () => {
  test.each([
    // 6000 / (1 - 0.40) = 10000 exactly, whatever 1 - 0.4 is in binary
    [40, 6000, 'unchanged'],
    [40.01, 6000, 10_002],
    [30, 7000, 'unchanged'],
    [30, 7001, 10_002],
    [99, 6000, 600_000],
    [0, 12_345, 12_345],
  ])('of %s %% at a cost of %s', (percent, cost_cents, expected) => {
    const outcome = price([floor(percent)], product({ cost_cents }))
    expect(typeof outcome === 'string' ? outcome : outcome.cents).toBe(expected)
  })

  test('says so', () => {
    expect(price([floor(50)], product())).toEqual({
      ...{ cents: 12_000, by: 'floor', why: 'not below a margin of 50 %' },
    })
  })

  test('comes last, however early its priority is', () => {
    const one = product({ competitors: asking(5000) })
    expect(price([floor(20, { priority: 1 }), follow(0, 'lowest', { priority: 50 })], one)).toEqual({
      ...{ cents: 7500, by: 'floor' },
      why: 'as the lowest of 1 competitor (50.00); not below a margin of 20 %',
    })
  })

  test('holds what others change even when it was not chosen, and nothing else', () => {
    const cheap = product({ competitors: asking(5000) })
    expect(price([follow(0)], cheap, [floor(20)])).toMatchObject({ cents: 7500, by: 'floor' })
    expect(price([follow(0)], product({ price_cents: 100, competitors: asking(100) }), [floor(20)])).toBe(
      'unchanged',
    )
  })

  test('leaves a product alone whose cost nobody knows', () => {
    const one = product({ cost_cents: null, competitors: asking(5000) })
    expect(price([floor(20)], one)).toBe('its cost is not known')
    expect(price([follow(0)], one, [floor(20)])).toBe('its cost is not known')
    expect(price([follow(0)], one)).toMatchObject({ cents: 5000 })
  })

  test('of several the highest counts', () => {
    const floors = [floor(50, { id: 'a' }), floor(70, { id: 'b' }), floor(60, { id: 'c' })]
    expect(price(floors, product())).toMatchObject({ cents: 20_000, by: 'b' })
  })
})

describe("a competitor's price", () => {
  test.each([
    [-5, 'lowest', 8550, '5 % below the lowest of 3 competitors (90.00)'],
    [0, 'average', 9567, 'as the average of 3 competitors (95.67)'],
    [2.5, 'lowest', 9225, '2.5 % above the lowest of 3 competitors (90.00)'],
  ] as const)('%s %% of the %s', (percent, of, cents, why) => {
    const one = product({ competitors: asking(9000, 9900, 9800) })
    expect(price([follow(percent, of)], one)).toEqual({ cents, by: 'follow', why })
  })

  test('counts as long as it is fresh, to the day', () => {
    const seen = (days: number) =>
      product({ competitors: [{ competitor: 'a', seen_on: dayBefore(days), price_cents: 9000 }] })
    expect(price([follow(0)], seen(7))).toMatchObject({ cents: 9000 })
    expect(price([follow(0)], seen(8))).toBe("no competitor's price of the last 7 days")
  })

  test('never makes a product free, or dearer than the shop can ask', () => {
    expect(price([follow(-90)], product({ competitors: asking(1) }))).toMatchObject({ cents: 1 })
    expect(price([follow(500)], product({ competitors: asking(MOST_CENTS) }))).toMatch(
      /higher than the shop can ask/,
    )
  })

  test('of nobody does not keep other rules from it', () => {
    const old = product({ stocked_at: daysAgo(31) })
    expect(price([follow(0), clear(30, 10)], old)).toMatchObject({ cents: 9000, by: 'clear-30' })
  })
})

describe('old stock', () => {
  test('becomes cheaper once it is older than the days', () => {
    expect(price([clear(30, 15)], product({ stocked_at: daysAgo(30) }))).toBe('unchanged')
    expect(price([clear(30, 15)], product({ stocked_at: daysAgo(31) }))).toEqual({
      ...{ cents: 8500, by: 'clear-30', why: 'in stock for 31 days: 15 % off' },
    })
  })

  test('not below a share of its cost, and never dearer', () => {
    const old = product({ stocked_at: daysAgo(31) })
    expect(price([clear(30, 50, {}, 110)], old)).toEqual({
      ...{ cents: 6600, by: 'clear-30' },
      why: 'in stock for 31 days: 50 % off, but not below 110 % of its cost',
    })
    expect(price([clear(30, 50, {}, 200)], old)).toBe('unchanged')
    expect(price([clear(30, 50, {}, 110)], { ...old, cost_cents: null })).toBe('its cost is not known')
  })

  test('only once after each delivery', () => {
    const old = product({ stocked_at: daysAgo(31), changed_by: ['clear-30'] })
    expect(price([clear(30, 15)], old)).toBe('unchanged')
  })

  test('each time anew when its price follows the market', () => {
    const old = product({ stocked_at: daysAgo(31), competitors: asking(9000), changed_by: ['clear-30'] })
    const rules = [follow(0, 'lowest', { priority: 1 }), clear(30, 10, { priority: 2 })]
    expect(price(rules, old)).toEqual({
      ...{ cents: 8100, by: 'clear-30' },
      why: 'as the lowest of 1 competitor (90.00); in stock for 31 days: 10 % off',
    })
    expect(price(rules, { ...old, price_cents: 8100 })).toBe('unchanged')
  })

  test('has steps, of which the highest that it has reached counts', () => {
    const steps = [clear(30, 10), clear(60, 20)]
    expect(price(steps, product({ stocked_at: daysAgo(45) }))).toMatchObject({ cents: 9000 })
    const older = product({ stocked_at: daysAgo(61), price_cents: 9000, changed_by: ['clear-30'] })
    expect(price(steps, older)).toMatchObject({ cents: 7200, by: 'clear-60' })
    expect(price(steps, product({ stocked_at: daysAgo(61), changed_by: ['clear-60'] }))).toBe('unchanged')
  })
})

describe('rules', () => {
  test('come in the order of their priority', () => {
    const one = product({ stocked_at: daysAgo(31), competitors: asking(8000) })
    const [market, old] = [follow(0, 'lowest'), clear(30, 10)]
    expect(
      price(
        [
          { ...old, priority: 2 },
          { ...market, priority: 1 },
        ],
        one,
      ),
    ).toMatchObject({ cents: 7200 })
    expect(
      price(
        [
          { ...old, priority: 1 },
          { ...market, priority: 2 },
        ],
        one,
      ),
    ).toEqual({
      ...{ cents: 8000, by: 'follow', why: 'as the lowest of 1 competitor (80.00)' },
    })
  })

  test.each([
    [{ category: 'light' }, true],
    [{ category: 'kitchen' }, false],
    [{ product_ids: [1, 2] }, true],
    [{ product_ids: [2] }, false],
    [{ category: 'kitchen', product_ids: [1] }, false],
  ])('with the scope %j are about a lamp: %s', (scope, about) => {
    const outcome = price([follow(0, 'lowest', { scope })], product({ competitors: asking(8000) }))
    expect(outcome !== 'unchanged').toBe(about)
  })

  test('do not sell what is given away', () => {
    expect(price([follow(0)], product({ price_cents: 0, competitors: asking(8000) }))).toBe('it is free')
    expect(price([], product({ price_cents: 0 }))).toBe('unchanged')
  })

  test.each([
    { name: 'x', kind: 'margin_floor', parameters: { percent: 100 } },
    { name: 'x', kind: 'margin_floor', parameters: { percent: 1.234 } },
    { name: 'x', kind: 'margin_floor', parameters: { percent: 10, of: 'lowest' } },
    { name: 'x', kind: 'competitor_delta', parameters: { percent: -91, of: 'lowest', max_age_days: 7 } },
    { name: 'x', kind: 'stock_age', parameters: { days: 0, percent_off: 10 } },
    { name: '', kind: 'margin_floor', parameters: { percent: 10 } },
    { name: 'x', kind: 'discount', parameters: {} },
    { name: 'x', kind: 'margin_floor', parameters: { percent: 10 }, scope: { product_ids: [] } },
  ])('such as %j are refused', (rule) => expect(newRule.safeParse(rule).success).toBe(false))

  test('have defaults', () => {
    expect(newRule.parse({ name: ' Floor ', kind: 'margin_floor', parameters: { percent: 12.34 } })).toEqual({
      ...{ name: 'Floor', kind: 'margin_floor', enabled: true, priority: 100, scope: {} },
      parameters: { percent: 12.34 },
    })
  })
})
