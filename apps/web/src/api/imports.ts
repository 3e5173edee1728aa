import { keepPreviousData, queryOptions } from '@tanstack/react-query'
import { reportsApi } from './reports.ts'
import type { Pagination } from './types.ts'

export const importKinds = ['ad-spend', 'costs', 'competitor-prices'] as const
export type ImportKind = (typeof importKinds)[number]

export type Import = {
  id: string | null
  kind: ImportKind
  rows: number
  accepted: number
  rejected: number
  created_at: string
}
/** `row`: as a spreadsheet counts, where the header is row 1. */
export type RowError = { row: number; column: string | null; message: string }
export type ImportAnswer = { import: Import; errors: RowError[] }

export type ImportOptions = { dryRun?: boolean; partial?: boolean }

/**
 * Uploads rows: all of them or none, with `partial` those that can be stored, with `dryRun` none. Errors: ApiError 422
 * whose `members` hold the first `errors` and how many rows are `rejected`.
 */
export function importRows(
  kind: ImportKind,
  body: Blob,
  { dryRun, partial }: ImportOptions,
): Promise<ImportAnswer> {
  const query = { dry_run: dryRun ? 'true' : undefined, partial: partial ? 'true' : undefined }
  return reportsApi(`/imports/${kind}`, { method: 'POST', body, query })
}

export const importsQuery = (page: number) =>
  queryOptions({
    queryKey: ['imports', page],
    queryFn: ({ signal }) =>
      reportsApi<{ imports: Import[]; pagination: Pagination }>('/imports', {
        query: { page, limit: 10 },
        signal,
      }),
    placeholderData: keepPreviousData,
  })
