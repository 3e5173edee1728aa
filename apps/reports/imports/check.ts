import type { Database } from '../../core/database.ts'
import { type Contents, MOST_ERRORS } from './read.ts'

/** Leaves out the rows of products that the shop does not have, and tells so. Products that left the shop are fine. */
export async function checkProducts(database: Database, contents: Contents): Promise<Contents> {
  const wanted = new Set(contents.entries.flatMap(({ values }) => values.product_id ?? []))
  if (wanted.size === 0) return contents
  const found = await database.$queryRaw<{ id: number }[]>`
    SELECT id FROM products WHERE id = ANY(${[...wanted]}::int[])`
  const known = new Set<string | number | undefined>(found.map(({ id }) => id))
  const strangers = contents.entries.filter(({ values }) => !known.has(values.product_id))
  const errors = strangers.slice(0, MOST_ERRORS).map(({ row, values }) => ({
    ...{ row, column: 'product_id' },
    message: `there is no product ${values.product_id}`,
  }))
  return {
    rows: contents.rows,
    entries: contents.entries.filter(({ values }) => known.has(values.product_id)),
    errors: [...contents.errors, ...errors]
      .toSorted((one, other) => one.row - other.row)
      .slice(0, MOST_ERRORS),
  }
}
