import type { Cohort } from '../../../api/reports.ts'

/** Steps of the heat map; 0 is nobody. The style sheet has a colour for each, with text that can be read on it. */
export const LEVELS = 6

export type Cell = { offset: number; customers: number; revenue_cents: number; share: number; level: number }
export type CohortRow = { month: string; customers: number; cells: (Cell | undefined)[] }

/** 0 to 5 for a share of 0 to 100 percent. Few come back, so the steps lie closer together at the lower end. */
export function levelOf(share: number): number {
  if (share <= 0) return 0
  const steps = [5, 15, 30, 60]
  return 1 + steps.filter((step) => share >= step).length
}

/**
 * One row per month, the oldest first, with a cell for each month that has passed since: months without anybody are
 * zero, months that are still to come are undefined. `last`: the day up to which it was counted.
 */
export function cohortRows(cohorts: readonly Cohort[], last: string): CohortRow[] {
  const sorted = [...cohorts].sort((a, b) => (a.month < b.month ? -1 : 1))
  const width = Math.max(0, ...sorted.map(({ month }) => monthsBetween(month, last) + 1))
  return sorted.map(({ month, customers, months }) => {
    const known = new Map(months.map((entry) => [entry.offset, entry]))
    const passed = monthsBetween(month, last)
    const cells = Array.from({ length: width }, (_, offset) => {
      if (offset > passed) return undefined
      const entry = known.get(offset) ?? { customers: 0, revenue_cents: 0 }
      const share = customers > 0 ? (entry.customers / customers) * 100 : 0
      const { customers: count, revenue_cents } = entry
      return { offset, customers: count, revenue_cents, share, level: levelOf(share) }
    })
    return { month, customers, cells }
  })
}

function monthsBetween(from: string, to: string): number {
  const [fromYear = 0, fromMonth = 0] = from.split('-').map(Number)
  const [toYear = 0, toMonth = 0] = to.split('-').map(Number)
  return (toYear - fromYear) * 12 + toMonth - fromMonth
}
