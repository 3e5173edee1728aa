import type { AlterTableCmd, Node, RangeVar } from 'libpg-query'
import type { Statement } from './statements.ts'

type Keys<T> = T extends T ? keyof T : never
export type Kind = Keys<Node>
export type Of<K extends Kind> = Extract<Node, Record<K, unknown>>[K]

/** The content of a node when it is of this kind. */
export const as = <K extends Kind>(node: Node | undefined, kind: K): Of<K> | undefined =>
  node && kind in node ? (node as unknown as Record<K, Of<K>>)[kind] : undefined

export const kindOf = (node: Node): Kind => Object.keys(node)[0] as Kind

/** Every node of a kind inside another one, whatever the depth. */
export function findAll<K extends Kind>(inside: unknown, kind: K): Of<K>[] {
  if (Array.isArray(inside)) return inside.flatMap((value) => findAll(value, kind))
  if (!(inside instanceof Object)) return []
  return Object.entries(inside).flatMap(([key, value]) => [
    ...(key === kind ? [value as Of<K>] : []),
    ...findAll(value, kind),
  ])
}

/** Names without a schema are taken for `public`: one relation is one name, however it is written. */
const qualified = (parts: readonly string[]): string =>
  (parts.length > 1 ? parts : ['public', ...parts]).join('.')

export const relationName = (relation: RangeVar | undefined): string =>
  qualified([relation?.schemaname, relation?.relname].filter((part) => part !== undefined))

export const typeName = (names: readonly Node[] | undefined): string => `type ${qualified(strings(names))}`

/** The texts of a list of String nodes. */
export const strings = (nodes: readonly Node[] | undefined): string[] =>
  (nodes ?? []).flatMap((node) => as(node, 'String')?.sval ?? [])

/** What an ALTER TABLE does to which table; empty for other statements, and for ALTER INDEX and the like. */
export function alterations({ node }: Pick<Statement, 'node'>): { table: string; command: AlterTableCmd }[] {
  const alter = as(node, 'AlterTableStmt')
  if (!alter || (alter.objtype !== 'OBJECT_TABLE' && alter.objtype !== 'OBJECT_FOREIGN_TABLE')) return []
  const table = relationName(alter.relation)
  return (alter.cmds ?? []).flatMap((cmd) => {
    const command = as(cmd, 'AlterTableCmd')
    return command ? [{ table, command }] : []
  })
}

/** `public.orders` as people write it. */
export const shown = (name: string): string => name.replace(/^(type )?public\./, '')

/** Whether options like `(FULL, ANALYZE off)` switch one on. */
export const isOn = (options: readonly Node[] | undefined, name: string): boolean =>
  (options ?? []).some((option) => {
    const { defname, arg } = as(option, 'DefElem') ?? {}
    const value = as(arg, 'String')?.sval ?? as(arg, 'Boolean')?.boolval ?? as(arg, 'Integer')?.ival ?? true
    return defname === name && ![false, 0, 'false', 'off', '0'].includes(value)
  })
