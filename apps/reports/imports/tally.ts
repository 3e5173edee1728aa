import { HttpError } from '../../api/errors.ts'
import type { Transaction } from '../../core/database.ts'
import type { Kind } from './kinds.ts'
import { type Batch, batchesOf, type Entry, MOST_ERRORS, type RowError } from './read.ts'
import type { File } from './text.ts'

/** What a file has: how many rows, how many of them can be stored, and what is wrong with the first of the others. */
export type Tally = { rows: number; accepted: number; errors: RowError[] }

export type Tallied = {
  /** Where the products are looked up. */
  database: Pick<Transaction, '$queryRaw'>
  kind: Kind
  /** Whether rows that can be stored are good for something without the others. */
  partial: boolean
  /** Is given what can be stored, batch by batch, for as long as it may still be kept. */
  store?: (entries: Entry[]) => Promise<void>
}

/**
 * Goes through a file, of which no more than two batches are held as rows: while one is stored, the next one is read.
 * Errors: those of the file; 422, see refuse.
 */
export async function tally(file: File, { database, kind, partial, store }: Tallied): Promise<Tally> {
  const found: Tally = { rows: 0, accepted: 0, errors: [] }
  let storing: Promise<void> | undefined
  try {
    for await (const batch of batchesOf(file, kind)) {
      await storing
      const { entries, errors } = await withoutStrangers(database, batch)
      found.rows += batch.rows
      found.accepted += entries.length
      found.errors.push(...errors.slice(0, MOST_ERRORS - found.errors.length))
      storing = partial || found.accepted === found.rows ? store?.(entries) : undefined
      // Awaited before the next batch, and it may fail before then.
      storing?.catch(() => {})
    }
    await storing
  } finally {
    // Nothing is to be asked of a transaction that is given up while it still works.
    await Promise.allSettled([storing])
  }
  refuse(found, partial)
  return found
}

/** Leaves out the rows of products that the shop does not have, and tells so. Products that left the shop are fine. */
async function withoutStrangers(database: Tallied['database'], batch: Batch): Promise<Batch> {
  const wanted = new Set(batch.entries.flatMap(({ values }) => values.product_id ?? []))
  if (wanted.size === 0) return batch
  const found = await database.$queryRaw<{ id: number }[]>`
    SELECT id FROM products WHERE id = ANY(${[...wanted]}::int[])`
  const known = new Set<string | number | undefined>(found.map(({ id }) => id))
  const { entries = [], strangers = [] } = Object.groupBy(batch.entries, ({ values }) =>
    known.has(values.product_id) ? 'entries' : 'strangers',
  )
  const errors = strangers.slice(0, MOST_ERRORS).map(({ row, values }) => ({
    ...{ row, column: 'product_id' },
    message: `there is no product ${values.product_id}`,
  }))
  const inOrder = [...batch.errors, ...errors].toSorted((one, other) => one.row - other.row)
  return { rows: batch.rows, entries, errors: inOrder }
}

/** Errors: 422 with `errors` and `rejected` if a row cannot be stored; if partial, only if none can. */
function refuse({ rows, accepted, errors }: Tally, partial: boolean): void {
  const rejected = rows - accepted
  if (rejected === 0 || (partial && accepted > 0)) return
  const detail = `${rejected} of ${rows} rows cannot be stored, so none is: ${describe(errors[0])}`
  throw new HttpError(422, detail, undefined, undefined, { errors, rejected })
}

const describe = (error: RowError | undefined): string =>
  error ? `row ${error.row}, ${error.column}: ${error.message}` : ''
