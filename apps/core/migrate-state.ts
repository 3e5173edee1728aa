import type { Client } from 'pg'
import { explainEdited, MigrationError } from './migrate-report.ts'
import { type AppliedRow, compareMigrations, type Migration, type MigrationState } from './migrations.ts'

const UNDEFINED_TABLE = '42P01'

/** The rows of Prisma's table; none before the first migration. */
export async function readRows(session: Pick<Client, 'query'>): Promise<AppliedRow[]> {
  try {
    const { rows } = await session.query(
      'SELECT migration_name, checksum, finished_at, rolled_back_at FROM _prisma_migrations',
    )
    return rows
  } catch (error) {
    if ((error as { code?: string }).code === UNDEFINED_TABLE) return []
    throw error
  }
}

/**
 * What is to be done with the expand migrations of an image, or with its contract migrations, which come last: they
 * remove what the releases before it use. Errors: an edited migration; with `contract`, an expand migration that is
 * not applied.
 */
export function stateOf(
  migrations: readonly Migration[],
  rows: readonly AppliedRow[],
  contract: boolean,
): MigrationState {
  const expand = compareMigrations(migrations, rows)
  if (expand.edited.length > 0) throw explainEdited(expand)
  if (!contract) return expand
  const missing = [...expand.failed, ...expand.pending]
  if (missing.length > 0)
    throw new MigrationError(
      `contract migrations come last, and these are not applied yet: ${missing.join(', ')}.\n` +
        'Apply them first: the same command without --contract',
    )
  // The comparison leaves out what is marked as contract.
  const marked = migrations.filter((migration) => migration.contract)
  const state = compareMigrations(
    marked.map((migration) => ({ ...migration, contract: false })),
    rows,
  )
  if (state.edited.length > 0) throw explainEdited(state)
  return state
}
