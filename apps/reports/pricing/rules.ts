import { z } from 'zod'

const hundredths = (least: number, most: number) => z.number().min(least).max(most).multipleOf(0.01)
// PostgreSQL keeps no NUL and no half of a surrogate pair; nobody means the other control characters.
const line = (most: number) =>
  z
    .string()
    .trim()
    .min(1)
    .max(most)
    .regex(/^[^\p{Cc}\p{Cs}]*$/u, 'has control characters or half a character')

/** Which products a rule is about: those of a category, those that are named, or both; {} is all of them. */
const scope = z.strictObject({
  category: line(60).optional(),
  product_ids: z.array(z.int().positive().max(2_147_483_647)).min(1).max(1000).optional(),
})

const parameters = {
  /** A price leaves at least this share of itself above the cost. */
  margin_floor: z.strictObject({ percent: hundredths(0, 99) }),
  /** A price lies this much above (or, negative, below) what others ask. */
  competitor_delta: z.strictObject({
    percent: hundredths(-90, 500),
    of: z.enum(['lowest', 'average']),
    max_age_days: z.int().min(0).max(365),
  }),
  /** What has lain for longer becomes cheaper, once after each delivery. */
  stock_age: z.strictObject({
    days: z.int().min(1).max(3650),
    percent_off: hundredths(0.01, 90),
    floor_percent_of_cost: hundredths(0, 1000).optional(),
  }),
}

const common = {
  name: line(100),
  enabled: z.boolean().default(true),
  priority: z.int().min(0).max(10_000).default(100),
  scope: scope.default({}),
}

/** A rule as an administrator writes it. */
export const newRule = z.discriminatedUnion('kind', [
  z.strictObject({ ...common, kind: z.literal('margin_floor'), parameters: parameters.margin_floor }),
  z.strictObject({ ...common, kind: z.literal('competitor_delta'), parameters: parameters.competitor_delta }),
  z.strictObject({ ...common, kind: z.literal('stock_age'), parameters: parameters.stock_age }),
])
export type NewRule = z.infer<typeof newRule>

export type Rule = NewRule & { id: string }
export type RuleOf<Kind extends Rule['kind']> = Extract<Rule, { kind: Kind }>

/** A rule as clients see it. */
export type RuleView = Rule & { created_at: string; updated_at: string }

/** What is priced: those rules, or all that are enabled. Floors that are enabled hold in either case. */
export const selection = z.strictObject({ rule_ids: z.array(z.uuid()).min(1).max(1000).optional() })
