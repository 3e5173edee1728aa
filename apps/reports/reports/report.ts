import type { Database, Transaction } from '../../core/database.ts'
import { STATEMENT_MS } from '../assemble.ts'
import type { Cell } from './csv.ts'
import type { Range } from './range.ts'

/** A table of a report, as a CSV file has it: the names of its columns, and its rows. */
export type Table = { columns: readonly string[]; rows: readonly Record<string, Cell>[] }

/**
 * A report: the body that clients see, and what of it can be had as CSV. The first of the tables is the one that is
 * meant when none is named.
 */
export type Report<Body extends object = object> = {
  compute(transaction: Transaction, range: Range): Promise<Body>
  tables: Record<string, (body: Body) => Table>
}

/** Gives a report a type of its own, and the list of all reports one for any. */
export const report = <Body extends object>(definition: Report<Body>): Report =>
  definition as unknown as Report

/** Computes all parts of a report on one snapshot, so that they agree with each other. */
export const compute = (database: Database, definition: Report, range: Range): Promise<object> =>
  database.$transaction(
    async (transaction) => {
      // Compiling such a statement takes PostgreSQL longer than it saves.
      await transaction.$executeRaw`SET LOCAL jit = off`
      return definition.compute(transaction, range)
    },
    { isolationLevel: 'RepeatableRead', timeout: STATEMENT_MS },
  )
