import { alterations, as, findAll, shown } from '../nodes.ts'
import type { Statement } from '../statements.ts'
import { targets } from '../targets.ts'
import type { Rule, Scope } from '../types.ts'

const BATCHES = 'a job outside of migrations that changes some thousand rows at a time'

const deleteAll: Rule = {
  name: 'delete-all',
  severity: 'breaks',
  find: ({ node }) =>
    as(node, 'TruncateStmt') || findAll(node, 'DeleteStmt').some(({ whereClause }) => !whereClause)
      ? [
          {
            message: 'every row is lost, under a lock, while both colours use the table',
            safe: 'delete what is meant with WHERE, in batches; or drop the table in a contract file',
          },
        ]
      : [],
}

const updateAll: Rule = {
  name: 'update-all',
  severity: 'locks',
  find: ({ node }) =>
    findAll(node, 'UpdateStmt').some(({ whereClause }) => !whereClause)
      ? [
          {
            message: 'every row is locked until the last one is changed, and the table doubles in size',
            safe: `a constant DEFAULT on a new column fills it without touching rows; else ${BATCHES}`,
          },
        ]
      : [],
}

/** Whether a statement changes rows by reading a table: none of a fixed list of values does. */
const isBackfill = ({ node }: Statement): boolean =>
  Boolean(as(node, 'UpdateStmt')?.whereClause) ||
  Boolean(as(node, 'DeleteStmt')?.whereClause) ||
  findAll(as(node, 'InsertStmt')?.selectStmt, 'SelectStmt').some(({ fromClause }) => fromClause)

const locked = (statement: Statement, { isNew }: Scope): string[] =>
  alterations(statement).length > 0 || as(statement.node, 'IndexStmt') || as(statement.node, 'CreateTrigStmt')
    ? targets(statement).filter((name) => !isNew(name))
    : []

const backfillWithDdl: Rule = {
  name: 'backfill-with-ddl',
  severity: 'locks',
  find(statement, scope) {
    if (!isBackfill(statement)) return []
    const before = scope.file.slice(0, scope.file.indexOf(statement))
    const held = new Set(before.flatMap((one) => locked(one, scope)))
    if (held.size === 0) return []
    return [
      {
        message: `a file is one transaction: the lock on ${[...held].map(shown).join(', ')} is held until all rows are changed`,
        safe: `put it into a later migration; where the rows are many, ${BATCHES}`,
      },
    ]
  },
}

export const DATA_RULES = [deleteAll, updateAll, backfillWithDdl]
