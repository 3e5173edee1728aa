import type { Constraint } from 'libpg-query'
import { alterations, as, findAll } from '../nodes.ts'
import type { Statement } from '../statements.ts'
import type { Hit, Rule } from '../types.ts'

const KINDS: Record<string, string> = {
  CONSTR_UNIQUE: 'UNIQUE',
  CONSTR_PRIMARY: 'PRIMARY KEY',
  CONSTR_EXCLUSION: 'EXCLUDE',
  CONSTR_CHECK: 'CHECK',
  CONSTR_FOREIGN: 'FOREIGN KEY',
}

type Added = { table: string; constraint: Constraint; kind: string }

/** Constraints put on a table; one that takes over an existing index (USING INDEX) changes nothing for anybody. */
const added = (statement: Statement): Added[] =>
  alterations(statement).flatMap(({ table, command }) => {
    const constraint = command.subtype === 'AT_AddConstraint' ? as(command.def, 'Constraint') : undefined
    const kind = KINDS[constraint?.contype ?? '']
    return constraint && kind && !constraint.indexname ? [{ table, constraint, kind }] : []
  })

const addConstraint: Rule = {
  name: 'add-constraint',
  severity: 'breaks',
  oldColour: true,
  find: (statement) =>
    added(statement)
      .filter(({ constraint }) => !constraint.skip_validation)
      .map(({ kind }): Hit => {
        const index = kind === 'UNIQUE' || kind === 'PRIMARY KEY'
        const built = index || kind === 'EXCLUDE'
        return {
          message: `writes of the colour still serving that violate the ${kind} are rejected, and the table is locked while its rows are checked`,
          safe: index
            ? 'CREATE UNIQUE INDEX CONCURRENTLY in a file of its own, then ADD CONSTRAINT … USING INDEX'
            : built
              ? 'there is no way without the lock: add it to a new table, or waive this while the table is small'
              : 'ADD CONSTRAINT … NOT VALID, and VALIDATE CONSTRAINT in the next file, once no old release writes',
          lock: `the ${kind} is checked against every row while nobody can ${built ? 'read or ' : ''}write the table`,
        }
      }),
}

const stricterWrites: Rule = {
  name: 'stricter-writes',
  severity: 'review',
  oldColour: true,
  find(statement) {
    const kinds = added(statement)
      .filter(({ constraint }) => constraint.skip_validation)
      .map(({ kind }) => kind)
    if (as(statement.node, 'IndexStmt')?.unique) kinds.push('UNIQUE index')
    return kinds.map((kind) => ({
      message: `from now on writes of the colour still serving that violate the ${kind} are rejected`,
      safe: 'make sure that the release that serves now already keeps to it',
    }))
  },
}

const validateInSameFile: Rule = {
  name: 'validate-in-same-file',
  severity: 'locks',
  find: (statement, { file }) =>
    alterations(statement)
      .filter(({ command }) => command.subtype === 'AT_ValidateConstraint')
      .filter(({ table, command }) =>
        file.flatMap(added).some((one) => one.table === table && one.constraint.conname === command.name),
      )
      .map(({ command }) => ({
        message: `a file is one transaction: the lock of adding ${command.name} is still held while all rows are checked`,
        safe: 'put VALIDATE CONSTRAINT into a migration of its own, after this one',
      })),
}

/** Deletes are refused: NO ACTION or RESTRICT. */
const refuses = ({ fk_del_action }: Constraint): boolean => ['a', 'r'].includes(fk_del_action ?? 'a')

const foreignKeyAction: Rule = {
  name: 'foreign-key-action',
  severity: 'review',
  oldColour: true,
  find: (statement, { earlier, file }) =>
    added(statement).flatMap(({ table, constraint, kind }) => {
      if (kind !== 'FOREIGN KEY' || !refuses(constraint)) return []
      const name = constraint.conname
      const known = [...earlier, ...file]
      const dropped = known
        .flatMap(alterations)
        .some(
          (one) =>
            one.command.subtype === 'AT_DropConstraint' && one.table === table && one.command.name === name,
        )
      if (!name || !dropped) return []
      const before = findAll(
        earlier.map(({ node }) => node),
        'Constraint',
      ).findLast(({ conname }) => conname === name)
      if (before && refuses(before)) return []
      return [
        {
          message: `deletes of the colour still serving that ${name} used to pass on are refused now (23503)`,
          safe: 'let one release delete the rows that refer to it itself, then change the action',
        },
      ]
    }),
}

export const CONSTRAINT_RULES = [addConstraint, stricterWrites, validateInSameFile, foreignKeyAction]
