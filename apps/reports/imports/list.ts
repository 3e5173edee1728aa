import { type Page, type Pagination, paginate } from '../../api/pagination.ts'
import type { Database } from '../../core/database.ts'
import type { ImportView } from './store.ts'

/** A page of the imports, the newest first. */
export async function listImports(
  database: Database,
  page: Page,
): Promise<{ imports: ImportView[]; pagination: Pagination }> {
  const [rows, total] = await database.$transaction([
    database.import.findMany({
      orderBy: [{ createdAt: 'desc' }, { id: 'desc' }],
      skip: (page.page - 1) * page.limit,
      take: page.limit,
    }),
    database.import.count(),
  ])
  const imports = rows.map(({ id, kind, rows, accepted, rejected, createdAt }) => ({
    ...{ id, kind, rows, accepted, rejected },
    created_at: createdAt.toISOString(),
  }))
  return { imports, pagination: paginate(page, total) }
}
