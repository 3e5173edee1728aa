import type { Rule } from '../types.ts'
import { BEHAVIOUR_RULES } from './behaviour.ts'
import { COLUMN_RULES } from './columns.ts'
import { CONSTRAINT_RULES } from './constraints.ts'
import { DATA_RULES } from './data.ts'
import { TYPE_RULES } from './enumerations.ts'
import { INDEX_RULES } from './indexes.ts'
import { TABLE_RULES } from './tables.ts'

export const RULES: readonly Rule[] = [
  ...TABLE_RULES,
  ...COLUMN_RULES,
  ...CONSTRAINT_RULES,
  ...INDEX_RULES,
  ...TYPE_RULES,
  ...DATA_RULES,
  ...BEHAVIOUR_RULES,
]
