import type { Rule, RuleInput, RuleTerms } from '../../../api/pricing.ts'

/** A rule as it is typed. Which of the fields count depends on the kind. */
export type RuleForm = Record<
  'name' | 'priority' | 'category' | 'products' | 'percent' | 'age' | 'days' | 'off' | 'floor',
  string
> & { kind: RuleTerms['kind']; enabled: boolean; of: 'lowest' | 'average' }

type Field = Exclude<keyof RuleForm, 'kind' | 'enabled' | 'of'>
type Errors = Partial<Record<Field, string>>

const START: RuleForm = {
  name: '',
  kind: 'margin_floor',
  enabled: true,
  priority: '100',
  category: '',
  products: '',
  percent: '',
  of: 'lowest',
  age: '14',
  days: '90',
  off: '',
  floor: '',
}

/** What a form begins with: a rule that exists, or an empty one. */
export function formOf(rule: Rule | undefined): RuleForm {
  if (!rule) return START
  const { name, enabled, priority, scope } = rule
  const common = {
    ...START,
    name,
    kind: rule.kind,
    enabled,
    priority: String(priority),
    category: scope.category ?? '',
    products: scope.product_ids?.join(', ') ?? '',
  }
  switch (rule.kind) {
    case 'margin_floor':
      return { ...common, percent: String(rule.parameters.percent) }
    case 'competitor_delta': {
      const { percent, of, max_age_days } = rule.parameters
      return { ...common, percent: String(percent), of, age: String(max_age_days) }
    }
    case 'stock_age': {
      const { days, percent_off, floor_percent_of_cost: floor } = rule.parameters
      return { ...common, days: String(days), off: String(percent_off), floor: String(floor ?? '') }
    }
  }
}

type Check = (field: Field, low: number, high: number, text: string) => number

/** Makes what the service takes of what was typed, or says for each field what it should be. */
export function readRule(form: RuleForm): { input: RuleInput | undefined; errors: Errors } {
  const errors: Errors = {}
  const number =
    (pattern: RegExp): Check =>
    (field, low, high, text) => {
      const typed = form[field].trim().replace(',', '.').replace('−', '-')
      const value = pattern.test(typed) ? Number(typed) : Number.NaN
      if (!(value >= low && value <= high)) errors[field] = text
      return value
    }
  const terms = termsFrom(form, number(/^-?\d{1,4}(\.\d{1,2})?$/), number(/^\d{1,6}$/))
  const priority = number(/^\d{1,6}$/)('priority', 0, 10_000, 'Should be a whole number from 0 to 10000.')
  const ids = form.products.split(/[\s,;]+/).filter(Boolean)
  if (!ids.every((id) => /^[1-9]\d{0,8}$/.test(id))) errors.products = 'Should be numbers such as 3, 17.'
  const name = form.name.trim()
  if (!name) errors.name = 'A rule needs a name.'
  if (Object.keys(errors).length > 0) return { input: undefined, errors }
  const category = form.category.trim()
  const scope = {
    ...(category ? { category } : {}),
    ...(ids.length > 0 ? { product_ids: [...new Set(ids.map(Number))] } : {}),
  }
  return { input: { ...terms, name, enabled: form.enabled, priority, scope }, errors }
}

function termsFrom({ kind, of, floor }: RuleForm, decimal: Check, whole: Check): RuleTerms {
  switch (kind) {
    case 'margin_floor': {
      const percent = decimal('percent', 0, 99, 'Should be between 0 and 99.')
      return { kind, parameters: { percent } }
    }
    case 'competitor_delta': {
      const percent = decimal('percent', -90, 500, 'Should be between −90 and 500.')
      const max_age_days = whole('age', 0, 365, 'Should be a number of days, at most 365.')
      return { kind, parameters: { percent, of, max_age_days } }
    }
    case 'stock_age': {
      const days = whole('days', 1, 3650, 'Should be a number of days from 1 to 3650.')
      const percent_off = decimal('off', 0.01, 90, 'Should be more than 0 and at most 90.')
      const bound = floor.trim() ? decimal('floor', 0, 1000, 'Should be between 0 and 1000.') : undefined
      return {
        kind,
        parameters: { days, percent_off, ...(bound === undefined ? {} : { floor_percent_of_cost: bound }) },
      }
    }
  }
}
