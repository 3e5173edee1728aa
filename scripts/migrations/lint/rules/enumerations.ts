import type { Node } from 'libpg-query'
import { as } from '../nodes.ts'
import type { Rule } from '../types.ts'

const enumAddValue: Rule = {
  name: 'enum-add-value',
  severity: 'review',
  oldColour: true,
  find({ node }) {
    const change = as(node, 'AlterEnumStmt')
    if (!change || change.oldVal !== undefined) return []
    return [
      {
        message: `the colour still serving fails as soon as it reads '${change.newVal}', which it does not know`,
        safe: 'let this release only know the value; write it from the next release on',
      },
    ]
  },
}

const TYPES = ['OBJECT_TYPE', 'OBJECT_DOMAIN', 'OBJECT_ATTRIBUTE']

/** What of a type changes that queries name; undefined when nothing does. */
function changed(node: Node): string | undefined {
  const enumeration = as(node, 'AlterEnumStmt')
  if (enumeration?.oldVal !== undefined) return `the value '${enumeration.oldVal}' has another name`
  if (TYPES.includes(as(node, 'DropStmt')?.removeType ?? '')) return 'the type is gone'
  if (TYPES.includes(as(node, 'RenameStmt')?.renameType ?? '')) return 'the type has another name'
  if (TYPES.includes(as(node, 'AlterObjectSchemaStmt')?.objectType ?? '')) return 'the type is elsewhere'
  // C: ADD CONSTRAINT, O: SET NOT NULL
  if (['C', 'O'].includes(as(node, 'AlterDomainStmt')?.subtype ?? '')) return 'the domain is stricter'
  return undefined
}

const changeType: Rule = {
  name: 'change-type',
  severity: 'breaks',
  oldColour: true,
  find({ node }) {
    const what = changed(node)
    if (!what) return []
    return [
      {
        message: `${what}: the colour still serving goes on with what it knows and fails`,
        safe: 'leave unused values in the type; for another type add a column of it, write both, drop the old one in a contract file',
        ...(as(node, 'AlterDomainStmt')
          ? { lock: 'every table with a column of the domain is read while nobody can write it' }
          : {}),
      },
    ]
  },
}

export const TYPE_RULES = [enumAddValue, changeType]
