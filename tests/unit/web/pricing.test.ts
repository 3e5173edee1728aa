import { describe, expect, it } from 'vitest'
import type { PlannedChange, Rule, Run } from '../../../apps/web/src/api/pricing.ts'
import { ApiError, Unreachable } from '../../../apps/web/src/api/problem.ts'
import { memoryStore } from '../../../apps/web/src/api/storage.ts'
import { applyPreview, isOutdated } from '../../../apps/web/src/pages/admin/pricing/apply.ts'
import { forgetOther } from '../../../apps/web/src/pages/admin/pricing/attempt.ts'
import { changesShown, directions } from '../../../apps/web/src/pages/admin/pricing/preview-rows.ts'
import { formOf, readRule } from '../../../apps/web/src/pages/admin/pricing/rule-form.ts'
import { inOrder, scopeOf, termsOf } from '../../../apps/web/src/pages/admin/pricing/rule-words.ts'

const common = { enabled: true, priority: 5, scope: {}, created_at: '', updated_at: '' }
const floor: Rule = { ...common, id: 'a', name: 'A', kind: 'margin_floor', parameters: { percent: 20 } }
const follow: Rule = {
  ...common,
  ...{ id: 'b', name: 'B', priority: 10, scope: { category: 'Kitchen', product_ids: [3, 17] } },
  kind: 'competitor_delta',
  parameters: { percent: -2.5, of: 'average', max_age_days: 14 },
}
const clear: Rule = {
  ...common,
  ...{ id: 'c', name: 'C', enabled: false },
  kind: 'stock_age',
  parameters: { days: 90, percent_off: 15, floor_percent_of_cost: 105 },
}

describe('a rule', () => {
  it.each([floor, follow, clear])('of the kind $kind is the same after it was opened and saved', (rule) => {
    const { id, created_at, updated_at, ...input } = rule
    expect(readRule(formOf(rule))).toEqual({ input, errors: {} })
  })

  it('leaves out a bound and a scope that are not typed', () => {
    const form = { ...formOf(clear), floor: ' ', category: ' ' }
    expect(readRule(form).input).toMatchObject({ scope: {}, parameters: { days: 90, percent_off: 15 } })
    expect(readRule(form).input?.parameters).not.toHaveProperty('floor_percent_of_cost')
  })

  it('says of each field what it should be, but only of those that its kind has', () => {
    const form = { ...formOf(undefined), percent: '100', off: 'x', priority: '-1', products: '3, x' }
    const { input, errors } = readRule(form)
    expect(input).toBeUndefined()
    expect(Object.keys(errors).sort()).toEqual(['name', 'percent', 'priority', 'products'])
    expect(readRule({ ...formOf(follow), percent: '−5,5' }).input?.parameters).toMatchObject({
      percent: -5.5,
    })
  })

  it('says what it does, and to what', () => {
    expect([floor, follow, clear].map(termsOf)).toEqual([
      'Never below a margin of 20%.',
      '2.5% below the average price of competitors in the last 14 days.',
      '15% off after 90 days in stock, but not below 105% of the cost.',
    ])
    expect([floor, follow].map(({ scope }) => scopeOf(scope))).toEqual([
      'All products',
      'Kitchen, products 3, 17',
    ])
  })

  it('stands where it applies: by priority, and the lowest margin last', () => {
    expect(inOrder([floor, follow, clear]).map(({ id }) => id)).toEqual(['c', 'b', 'a'])
  })
})

describe('a preview', () => {
  const change = (name: string, now: number, next: number, new_margin_percent: number | null) =>
    ({
      ...{ product_id: now, name, category: 'Kitchen', price_cents: now, new_price_cents: next },
      ...{ delta_percent: ((next - now) / now) * 100, rule: 'Follow', new_margin_percent },
    }) as PlannedChange
  const changes = [change('Mug', 100, 105, null), change('Pan', 200, 150, 8), change('Lamp', 300, 330, 30)]
  const names = (text: string, order: string) => changesShown(changes, text, order).map(({ name }) => name)

  it('begins with the largest change, whichever way it goes', () => {
    expect(names('', '')).toEqual(['Pan', 'Lamp', 'Mug'])
    expect(names('', 'nonsense')).toEqual(['Pan', 'Lamp', 'Mug'])
    expect(names('', 'up')).toEqual(['Lamp', 'Mug', 'Pan'])
    expect(names('', 'down')).toEqual(['Pan', 'Mug', 'Lamp'])
    expect(names('', 'margin')).toEqual(['Pan', 'Lamp', 'Mug'])
    expect(names('', 'name')).toEqual(['Lamp', 'Mug', 'Pan'])
  })

  it('is searched by product, category and rule', () => {
    expect(names(' pA', '')).toEqual(['Pan'])
    expect(names('kitchen', '')).toHaveLength(3)
    expect(names('follow', '')).toHaveLength(3)
    expect(names('hat', '')).toEqual([])
    expect(directions(changes)).toEqual({ up: 2, down: 1 })
  })
})

describe('applying a preview', () => {
  /** A service that keeps the promise of Idempotency-Key. 'unheard' acts, but its answer is lost. */
  function setUp(faults: ('unheard' | 'lost' | number | undefined)[] = []) {
    const runs = new Map<string, Run>()
    const store = memoryStore()
    let keys = 0
    const execute = async (_: unknown, key: string): Promise<Run> => {
      const fault = faults.shift()
      if (fault === 'lost') throw new Unreachable('lost')
      if (typeof fault === 'number') throw new ApiError(fault, 'no')
      if (!runs.has(key)) runs.set(key, { id: `r${runs.size + 1}` } as Run)
      if (fault === 'unheard') throw new Unreachable('unheard')
      return runs.get(key) as Run
    }
    const newKey = () => `key-${++keys}`
    const apply = (fingerprint: string, rule = '') =>
      applyPreview({ fingerprint, rule }, { execute, store, newKey })
    return { apply, runs, store, keys: () => keys }
  }

  it.each(['unheard', 'lost', 503, 504, 401] as const)('again after %s is one run', async (fault) => {
    const { apply, runs, keys } = setUp([fault])
    await expect(apply('f1')).rejects.toThrow()
    await expect(apply('f1')).resolves.toEqual({ id: 'r1' })
    expect([runs.size, keys()]).toEqual([1, 1])
  })

  it('the next time has a key of its own, so the same prices can be set again after an undo', async () => {
    const { apply, runs } = setUp()
    await apply('f1')
    await apply('f1')
    expect(runs.size).toBe(2)
  })

  it('a refusal frees the key, and 409 says that prices have changed', async () => {
    const { apply, keys } = setUp([409])
    const error = await apply('f1').catch((thrown) => thrown)
    expect(isOutdated(error)).toBe(true)
    await apply('f1')
    expect(keys()).toBe(2)
  })

  it('another preview, or other rules, have another key', async () => {
    const { apply, keys } = setUp(['lost', 'lost', 'lost'])
    for (const [fingerprint, rule] of [
      ['f1', ''],
      ['f2', ''],
      ['f2', 'a'],
    ] as const)
      await expect(apply(fingerprint, rule)).rejects.toThrow()
    expect(keys()).toBe(3)
  })

  it('a preview that differs forgets the key of an answer that was lost; the same one keeps it', async () => {
    const kept = setUp(['unheard'])
    await expect(kept.apply('f1')).rejects.toThrow()
    forgetOther('f1', kept.store)
    await kept.apply('f1')
    expect(kept.runs.size).toBe(1)

    const gone = setUp(['unheard'])
    await expect(gone.apply('f1')).rejects.toThrow()
    forgetOther('f2', gone.store)
    await gone.apply('f1')
    expect(gone.runs.size).toBe(2)
  })
})
