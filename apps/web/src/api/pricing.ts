import { keepPreviousData, queryOptions } from '@tanstack/react-query'
import { reportsApi } from './reports.ts'
import type { Pagination } from './types.ts'

export type Scope = { category?: string; product_ids?: number[] }
export type RuleTerms =
  | { kind: 'margin_floor'; parameters: { percent: number } }
  | {
      kind: 'competitor_delta'
      parameters: { percent: number; of: 'lowest' | 'average'; max_age_days: number }
    }
  | {
      kind: 'stock_age'
      parameters: { days: number; percent_off: number; floor_percent_of_cost?: number }
    }
export type RuleInput = RuleTerms & { name: string; enabled: boolean; priority: number; scope: Scope }
export type Rule = RuleInput & { id: string; created_at: string; updated_at: string }

export type PlannedChange = AppliedChange & {
  cost_cents: number | null
  margin_percent: number | null
  new_margin_percent: number | null
}
export type Preview = {
  /** Names the prices and rules that were looked at; with it exactly these changes are applied, or none. */
  fingerprint: string
  changes: PlannedChange[]
  unchanged: number
  skipped: { product_id: number; name: string; reason: string }[]
}

export type Run = {
  id: string
  applied_at: string
  undone_at: string | null
  changes: number
  actor_id: string | null
}
/** `price_cents`: the one from before. The rule may be gone. */
export type AppliedChange = {
  product_id: number
  name: string
  category: string | null
  price_cents: number
  new_price_cents: number
  delta_percent: number
  rule_id: string | null
  rule: string | null
  reason: string
}
export type Kept = { product_id: number; name: string }

export const rulesQuery = () =>
  queryOptions({
    queryKey: ['pricing', 'rules'],
    queryFn: async ({ signal }) => (await reportsApi<{ rules: Rule[] }>('/pricing/rules', { signal })).rules,
  })

/** Creates a rule, or replaces the one with this id. */
export async function saveRule(body: RuleInput, id?: string): Promise<Rule> {
  const path = id === undefined ? '/pricing/rules' : `/pricing/rules/${id}`
  return (await reportsApi<{ rule: Rule }>(path, { method: id === undefined ? 'POST' : 'PUT', body })).rule
}

export const deleteRule = (id: string): Promise<void> =>
  reportsApi(`/pricing/rules/${id}`, { method: 'DELETE' })

/** `rule`: only this one; '' means all that are enabled. */
const ruleIds = (rule: string): { rule_ids?: string[] } => (rule ? { rule_ids: [rule] } : {})

export const previewQuery = (rule: string) =>
  queryOptions({
    queryKey: ['pricing', 'preview', rule],
    queryFn: ({ signal }) =>
      reportsApi<Preview>('/pricing/preview', { method: 'POST', body: ruleIds(rule), signal }),
    // What somebody reads before they decide does not change under their eyes, and is never an old one.
    staleTime: Number.POSITIVE_INFINITY,
    gcTime: 0,
  })

export const runsQuery = (page: number) =>
  queryOptions({
    queryKey: ['pricing', 'runs', page],
    queryFn: ({ signal }) =>
      reportsApi<{ runs: Run[]; pagination: Pagination }>('/pricing/runs', {
        query: { page, limit: 20 },
        signal,
      }),
    placeholderData: keepPreviousData,
  })

export const runQuery = (id: string) =>
  queryOptions({
    queryKey: ['pricing', 'run', id],
    queryFn: ({ signal }) =>
      reportsApi<{ run: Run; changes: AppliedChange[] }>(`/pricing/runs/${encodeURIComponent(id)}`, {
        signal,
      }),
  })

/** Applies the changes of a preview. The same key again: the same run. Errors: ApiError 409 if prices have changed since. */
export async function executeUpdates(
  { fingerprint, rule }: { fingerprint: string; rule: string },
  idempotencyKey: string,
): Promise<Run> {
  const body = { fingerprint, ...ruleIds(rule) }
  const call = { method: 'POST', body, idempotencyKey } as const
  return (await reportsApi<{ run: Run }>('/pricing/execute-updates', call)).run
}

/** Gives back the old prices; `kept` names those that have been changed since and stay. */
export const undoRun = (id: string): Promise<{ run: Run; kept: Kept[] }> =>
  reportsApi(`/pricing/runs/${id}/undo`, { method: 'POST' })
