import type { PricingRule } from '../../../prisma/generated/client.ts'
import { audit } from '../../api/audit.ts'
import { HttpError } from '../../api/errors.ts'
import type { Database, Transaction } from '../../core/database.ts'
import type { By } from './by.ts'
import type { NewRule, Rule, RuleOf, RuleView } from './rules.ts'

/** The rules in the database. Each change and its entry in the audit log are one transaction. */
export const ruleStore = (database: Database) => ({
  async list(): Promise<RuleView[]> {
    return (await database.pricingRule.findMany({ orderBy: inOrder })).map(toView)
  },

  create: (rule: NewRule, by: By): Promise<RuleView> =>
    database.$transaction(async (transaction) => {
      const row = await transaction.pricingRule.create({ data: rule })
      await audit(transaction, entry('create', row.id, by, rule))
      return toView(row)
    }),

  /** Errors: 404. */
  replace: (id: string, rule: NewRule, by: By, now: Date): Promise<RuleView> =>
    database.$transaction(async (transaction) => {
      const [row] = await transaction.pricingRule.updateManyAndReturn({
        where: { id },
        data: { ...rule, updatedAt: now },
      })
      if (!row) throw unknownRule(id)
      await audit(transaction, entry('update', id, by, rule))
      return toView(row)
    }),

  /** What it has done stays, without its name. Errors: 404. */
  remove: (id: string, by: By): Promise<void> =>
    database.$transaction(async (transaction) => {
      const found = await transaction.pricingRule.findUnique({ where: { id } })
      const { count } = await transaction.pricingRule.deleteMany({ where: { id } })
      if (!found || count === 0) throw unknownRule(id)
      await audit(transaction, entry('delete', id, by, { name: found.name, kind: found.kind }))
    }),
})

/**
 * The rules to apply: those that are named, enabled or not, else all that are enabled. `bounds` are the other enabled
 * margin floors. Errors: 422 for an id that is no rule's.
 */
export async function chooseRules(
  transaction: Transaction,
  ids: string[] | undefined,
): Promise<{ rules: Rule[]; bounds: RuleOf<'margin_floor'>[] }> {
  const all = (await transaction.pricingRule.findMany({ orderBy: inOrder })).map((row) => ({
    rule: toRule(row),
    enabled: row.enabled,
  }))
  const unknown = ids?.find((id) => !all.some(({ rule }) => rule.id === id))
  if (unknown) throw new HttpError(422, `there is no pricing rule ${unknown}`)
  const chosen = (one: (typeof all)[number]) => (ids ? ids.includes(one.rule.id) : one.enabled)
  return {
    rules: all.filter(chosen).map(({ rule }) => rule),
    bounds: all
      .filter((one) => one.enabled && !chosen(one))
      .map(({ rule }) => rule)
      .filter((rule) => rule.kind === 'margin_floor'),
  }
}

const inOrder = [{ priority: 'asc' }, { id: 'asc' }] as const satisfies object[]

const unknownRule = (id: string) => new HttpError(404, `there is no pricing rule ${id}`)

const entry = (action: string, id: string, { actor, requestId }: By, details: object) => ({
  ...{ actor, action: `pricing.rule.${action}`, target: `pricing-rule:${id}`, details, requestId },
})

/** Only what `newRule` accepts is ever stored. */
const toRule = ({ id, name, kind, enabled, priority, scope, parameters }: PricingRule): Rule =>
  ({ id, name, kind, enabled, priority, scope, parameters }) as Rule

const toView = (row: PricingRule): RuleView => ({
  ...toRule(row),
  created_at: row.createdAt.toISOString(),
  updated_at: row.updatedAt.toISOString(),
})
