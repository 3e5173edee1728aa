import { as, shown } from '../nodes.ts'
import { targets } from '../targets.ts'
import type { Rule } from '../types.ts'

const DROPPED: Record<string, string> = {
  OBJECT_TABLE: 'table',
  OBJECT_FOREIGN_TABLE: 'table',
  OBJECT_VIEW: 'view',
  OBJECT_MATVIEW: 'view',
  OBJECT_SCHEMA: 'schema',
  OBJECT_SEQUENCE: 'sequence',
}

const dropTable: Rule = {
  name: 'drop-table',
  severity: 'breaks',
  oldColour: true,
  find(statement) {
    const drop = as(statement.node, 'DropStmt')
    const what = DROPPED[drop?.removeType ?? '']
    if (!what) return []
    const names = targets(statement).map(shown).join(', ')
    return [
      {
        message: `every query of the colour still serving that uses the ${what} ${names} fails at once`,
        safe: 'stop using it in this release, and drop it in a contract file of the next one',
      },
    ]
  },
}

const RENAMED = [
  'OBJECT_TABLE',
  'OBJECT_VIEW',
  'OBJECT_MATVIEW',
  'OBJECT_FOREIGN_TABLE',
  'OBJECT_COLUMN',
  'OBJECT_SCHEMA',
]

const rename: Rule = {
  name: 'rename',
  severity: 'breaks',
  oldColour: true,
  find({ node }) {
    const renamed = as(node, 'RenameStmt')
    const moved = as(node, 'AlterObjectSchemaStmt')
    const what = renamed?.renameType ?? moved?.objectType ?? ''
    if (!RENAMED.includes(what)) return []
    const column = what === 'OBJECT_COLUMN'
    return [
      {
        message: `the colour still serving goes on using the old name of the ${column ? 'column' : 'table'} and fails at once`,
        safe: column
          ? 'keep the name and map it in the client (@map), or add a second column, write both, backfill, drop the old one in a contract file'
          : 'keep the name and map it in the client (@@map); a move needs a second table that both releases write',
      },
    ]
  },
}

export const TABLE_RULES = [dropTable, rename]
