import { alterations, as, strings } from '../nodes.ts'
import type { Statement } from '../statements.ts'

/**
 * Whether a validated CHECK (column IS NOT NULL) stands in the table: SET NOT NULL trusts it and reads no rows
 * (PostgreSQL 12 and later, documentation of ALTER TABLE).
 */
export function hasCheckedNotNull(earlier: readonly Statement[], table: string, column: string): boolean {
  const unchecked = new Set<string>()
  let proven = false
  for (const { command } of earlier.flatMap(alterations).filter((alteration) => alteration.table === table)) {
    const check = as(command.def, 'Constraint')
    const test = as(check?.raw_expr, 'NullTest')
    const about = strings(as(test?.arg, 'ColumnRef')?.fields).at(-1)
    if (command.subtype === 'AT_AddConstraint' && test?.nulltesttype === 'IS_NOT_NULL' && about === column) {
      if (check?.skip_validation) unchecked.add(check.conname ?? '')
      else proven = true
    }
    if (command.subtype === 'AT_ValidateConstraint' && unchecked.has(command.name ?? '')) proven = true
  }
  return proven
}
