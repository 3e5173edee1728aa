import type { Database } from '../../apps/core/database.ts'
import { Prisma } from '../../prisma/generated/client.ts'

type Plan = { 'Node Type': string; 'Index Name'?: string; Plans?: Plan[] }

/** The nodes of the plan for a statement, such as "Bitmap Index Scan products_search_idx". */
export async function planOf(database: Database, statement: Prisma.Sql): Promise<string[]> {
  const explain = Prisma.sql`EXPLAIN (FORMAT JSON) ${statement}`
  const [row] = await database.$queryRaw<{ 'QUERY PLAN': { Plan: Plan }[] }[]>(explain)
  const nodes = (plan: Plan): string[] => [
    [plan['Node Type'], plan['Index Name']].filter(Boolean).join(' '),
    ...(plan.Plans ?? []).flatMap(nodes),
  ]
  return (row?.['QUERY PLAN'] ?? []).flatMap(({ Plan }) => nodes(Plan))
}
