import type { Node } from 'libpg-query'
import { as, relationName, strings, typeName } from './nodes.ts'
import type { Statement } from './statements.ts'

const name = (node: Node): string[] => {
  const [relation, list, type] = [as(node, 'RangeVar'), as(node, 'List'), as(node, 'TypeName')]
  if (relation) return [relationName(relation)]
  if (type) return [typeName(type.names)]
  if (list) return [qualified(strings(list.items))]
  return strings([node]) // a schema
}

const qualified = (parts: string[]): string => {
  const [relname, schemaname] = parts.toReversed()
  return relationName({ relname, schemaname } as Parameters<typeof relationName>[0])
}

/** The relations and types that a statement changes; empty when it is not of a kind that names them. */
export function targets({ node }: Pick<Statement, 'node'>): string[] {
  const drop = as(node, 'DropStmt')
  if (drop) {
    const ofTable = ['OBJECT_TRIGGER', 'OBJECT_RULE', 'OBJECT_POLICY'].includes(drop.removeType ?? '')
    if (!ofTable) return (drop.objects ?? []).flatMap(name)
    return (drop.objects ?? []).map((object) => qualified(strings(as(object, 'List')?.items).slice(0, -1)))
  }
  const rename = as(node, 'RenameStmt') ?? as(node, 'AlterObjectSchemaStmt')
  if (rename && !rename.relation) {
    const items = as(rename.object, 'List')?.items ?? as(rename.object, 'TypeName')?.names
    return items ? [typeName(items)] : []
  }
  const type = as(node, 'AlterEnumStmt') ?? as(node, 'AlterDomainStmt')
  if (type) return [typeName(type.typeName)]
  const several =
    as(node, 'TruncateStmt')?.relations ?? as(node, 'LockStmt')?.relations ?? as(node, 'GrantStmt')?.objects
  if (several) return several.flatMap(name)
  const vacuumed = as(node, 'VacuumStmt')?.rels
  if (vacuumed) return vacuumed.map((rel) => relationName(as(rel, 'VacuumRelation')?.relation))
  const policy = as(node, 'CreatePolicyStmt') ?? as(node, 'AlterPolicyStmt')
  if (policy) return [relationName(policy.table)]
  const [content] = Object.values(node) as { relation?: Parameters<typeof relationName>[0] }[]
  return content?.relation ? [relationName(content.relation)] : []
}

/**
 * Notes in `made` what a statement creates or gives another name to. IF NOT EXISTS proves nothing: the table may
 * have been there, and in use.
 */
export function noteCreated({ node }: Pick<Statement, 'node'>, made: Set<string>): void {
  const table = as(node, 'CreateStmt')
  if (table && !table.if_not_exists) made.add(relationName(table.relation))
  const derived = as(node, 'CreateTableAsStmt')
  if (derived && !derived.if_not_exists) made.add(relationName(derived.into?.rel))
  const view = as(node, 'ViewStmt')
  if (view && !view.replace) made.add(relationName(view.view))
  // An index counts as new with its table only: dropping it locks the table, however new it is itself.
  const index = as(node, 'IndexStmt')
  if (index?.idxname && made.has(relationName(index.relation)))
    made.add(relationName(index.relation).replace(/[^.]*$/, index.idxname))
  const type = as(node, 'CreateEnumStmt')?.typeName ?? as(node, 'CreateDomainStmt')?.domainname
  if (type) made.add(typeName(type))
  const composite = as(node, 'CompositeTypeStmt')?.typevar
  if (composite) made.add(`type ${relationName(composite)}`)
  noteMoved(node, made)
}

/** A new name goes where the relation goes; the old name is free for another one. */
function noteMoved(node: Node, made: Set<string>): void {
  const rename = as(node, 'RenameStmt')
  const whole = [
    'OBJECT_TABLE',
    'OBJECT_VIEW',
    'OBJECT_MATVIEW',
    'OBJECT_INDEX',
    'OBJECT_TYPE',
    'OBJECT_DOMAIN',
  ]
  if (!rename?.newname || !whole.includes(rename.renameType ?? '')) return
  const [before] = targets({ node })
  if (!before) return
  const after = before.replace(/[^.]*$/, rename.newname)
  if (made.delete(before)) made.add(after)
  else made.delete(after)
}
