import type { ColumnDef, Constraint } from 'libpg-query'
import { alterations, as, findAll, strings } from '../nodes.ts'
import type { Statement } from '../statements.ts'
import type { Hit, Rule } from '../types.ts'
import { hasCheckedNotNull } from './not-null.ts'

const columnHits = (statement: Statement, subtypes: string[], hit: (column: string) => Hit): Hit[] =>
  alterations(statement)
    .filter(({ command }) => subtypes.includes(command.subtype ?? ''))
    .map(({ command }) => hit(command.name ?? ''))

const added = (statement: Statement): { column: ColumnDef; constraints: Constraint[] }[] =>
  alterations(statement).flatMap(({ command }) => {
    const column = command.subtype === 'AT_AddColumn' ? as(command.def, 'ColumnDef') : undefined
    const constraints = (column?.constraints ?? []).flatMap((node) => as(node, 'Constraint') ?? [])
    return column ? [{ column, constraints }] : []
  })

const has = (constraints: Constraint[], ...types: string[]): boolean =>
  constraints.some(({ contype }) => types.includes(contype ?? ''))

/** The expression that fills existing rows; none for DEFAULT NULL, which fills nothing. */
const defaultOf = (constraints: Constraint[]) => {
  const given = constraints.find(({ contype }) => contype === 'CONSTR_DEFAULT')?.raw_expr
  return as(given, 'A_Const')?.isnull ? undefined : given
}

const isSerial = ({ typeName }: ColumnDef): boolean =>
  /^(small|big)?serial[248]?$/.test(strings(typeName?.names).at(-1) ?? '')

const dropColumn: Rule = {
  name: 'drop-column',
  severity: 'breaks',
  oldColour: true,
  find: (statement) =>
    columnHits(statement, ['AT_DropColumn'], (column) => ({
      message: `the colour still serving names the column ${column} in its queries, and they fail at once`,
      safe: 'stop using it in this release, and drop it in a contract file of the next one',
    })),
}

const addRequiredColumn: Rule = {
  name: 'add-required-column',
  severity: 'breaks',
  oldColour: true,
  find: (statement) =>
    added(statement)
      .filter(({ column, constraints }) => {
        const filled = isSerial(column) || has(constraints, 'CONSTR_IDENTITY', 'CONSTR_GENERATED')
        const required = has(constraints, 'CONSTR_NOTNULL', 'CONSTR_PRIMARY')
        return required && !filled && !defaultOf(constraints)
      })
      .map(({ column }) => ({
        message: `inserts of the colour still serving leave ${column.colname} out and are rejected (23502); on a table with rows the migration itself fails`,
        safe: 'add it nullable or with a constant default; make it required in a contract file',
      })),
}

/** PostgreSQL's own functions that have one value for a whole statement; any other may differ from row to row. */
const SAME_FOR_ALL_ROWS =
  /^(now|transaction_timestamp|statement_timestamp|current_setting|current_user|session_user|to_jsonb?|jsonb?_build_(object|array)|lower|upper|make_interval|make_date|to_timestamp|to_date|concat|format|date_trunc|array_fill|md5|length|abs|round)$/

const addColumnRewrite: Rule = {
  name: 'add-column-rewrite',
  severity: 'locks',
  find: (statement) =>
    added(statement).flatMap(({ column, constraints }) => {
      const volatile = findAll(defaultOf(constraints), 'FuncCall').some(
        ({ funcname }) => !SAME_FOR_ALL_ROWS.test(strings(funcname).at(-1) ?? ''),
      )
      const stored = constraints.some(({ generated_kind }) => generated_kind === 's')
      const why = volatile
        ? 'its default may differ from row to row'
        : stored
          ? 'its value is stored in every row'
          : isSerial(column) || has(constraints, 'CONSTR_IDENTITY')
            ? 'every row gets a number'
            : undefined
      if (!why) return []
      const message = `PostgreSQL rewrites the whole table for ${column.colname} (${why}); nobody can read or write it meanwhile`
      return [
        {
          message,
          safe: 'add it without a default, then SET DEFAULT, and fill the rows in batches outside of migrations',
        },
      ]
    }),
}

const addColumnConstraint: Rule = {
  name: 'add-column-constraint',
  severity: 'locks',
  find: (statement) =>
    added(statement)
      .filter(
        ({ constraints }) =>
          has(constraints, 'CONSTR_UNIQUE', 'CONSTR_PRIMARY', 'CONSTR_CHECK') ||
          (has(constraints, 'CONSTR_FOREIGN') && defaultOf(constraints)),
      )
      .map(({ column }) => ({
        message: `the constraint on ${column.colname} reads the whole table while nobody can read or write it`,
        safe: 'add the bare column; then CREATE UNIQUE INDEX CONCURRENTLY in a file of its own, or ADD CONSTRAINT … NOT VALID and VALIDATE it in the next file',
      })),
}

const setNotNull: Rule = {
  name: 'set-not-null',
  severity: 'breaks',
  oldColour: true,
  find: (statement, { earlier }) =>
    alterations(statement).flatMap(({ table, command }) => {
      const constraint = command.subtype === 'AT_AddConstraint' ? as(command.def, 'Constraint') : undefined
      const added = constraint?.contype === 'CONSTR_NOTNULL'
      if (command.subtype !== 'AT_SetNotNull' && !added) return []
      const column = (added ? strings(constraint.keys)[0] : command.name) ?? ''
      const proven = constraint?.skip_validation || hasCheckedNotNull(earlier, table, column)
      const safe = `first ADD CONSTRAINT … CHECK (${column} IS NOT NULL) NOT VALID, in the next file VALIDATE CONSTRAINT, then SET NOT NULL in a contract file: it does not read the table then`
      const lock = `PostgreSQL reads the whole table for ${column} while nobody can read or write it`
      const message = `the colour still serving may write NULL into ${column} and is rejected (23502)`
      return [{ message, safe, ...(proven ? {} : { lock }) }]
    }),
}

const alterColumnType: Rule = {
  name: 'alter-column-type',
  severity: 'breaks',
  oldColour: true,
  find: (statement) =>
    columnHits(statement, ['AT_AlterColumnType'], (column) => ({
      message: `the colour still serving reads and writes ${column} as the old type, and the table may be rewritten under its hands`,
      safe: 'add a column of the new type, write both, backfill, drop the old one in a contract file',
      lock: `unless the types are stored alike, PostgreSQL rewrites the whole table for ${column} while nobody can read or write it`,
    })),
}

const dropDefault: Rule = {
  name: 'drop-default',
  severity: 'breaks',
  oldColour: true,
  find: (statement) =>
    alterations(statement)
      .filter(
        ({ command: { subtype, def } }) =>
          (subtype === 'AT_ColumnDefault' && !def) ||
          subtype === 'AT_DropIdentity' ||
          subtype === 'AT_DropExpression',
      )
      .map(({ command }) => ({
        message: `inserts of the colour still serving leave ${command.name} out and miss its default`,
        safe: 'drop the default in a contract file',
      })),
}

const dropNotNull: Rule = {
  name: 'drop-not-null',
  severity: 'review',
  oldColour: true,
  find: (statement) =>
    columnHits(statement, ['AT_DropNotNull'], (column) => ({
      message: `the colour still serving takes ${column} for never null, and fails as soon as the new one writes a null`,
      safe: 'let this release only accept null there; write it from the next release on',
    })),
}

export const COLUMN_RULES = [
  dropColumn,
  addRequiredColumn,
  addColumnRewrite,
  addColumnConstraint,
  setNotNull,
  alterColumnType,
  dropDefault,
  dropNotNull,
]
