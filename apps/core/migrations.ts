import { createHash } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Database } from './database.ts'
import { hasPostgresCode } from './database-error.ts'

/** The migrations that this image carries. */
export const MIGRATIONS_DIR = join(import.meta.dirname, '../../prisma/migrations')

export type Migration = { name: string; checksum: string; contract: boolean }

/** What the database says about the migrations of one image. Everything is in order when the lists are empty. */
export type MigrationState = {
  expected: number
  applied: number
  /** not applied yet */
  pending: string[]
  /** applied, but with another content than this image's */
  edited: string[]
  /** begun and not finished */
  failed: string[]
}

/** A row of Prisma's own table. */
export type AppliedRow = {
  migration_name: string
  checksum: string
  finished_at: Date | null
  rolled_back_at: Date | null
}

/** Such a file removes what the previous release still uses, so it is applied later and by hand. */
const CONTRACT_MARK = /^\s*--[ \t]*ecomweb:[ \t]*contract\b/

const UNDEFINED_TABLE = '42P01'

/** Reads a folder of migrations, in the order in which Prisma applies them. */
export function readMigrations(dir: string): Migration[] {
  const folders = readdirSync(dir, { withFileTypes: true }).filter((entry) => entry.isDirectory())
  return folders
    .map((folder) => ({ name: folder.name, script: readIfThere(join(dir, folder.name, 'migration.sql')) }))
    .flatMap(({ name, script }) => (script ? [describe(name, script)] : []))
    .sort((a, b) => (a.name < b.name ? -1 : 1))
}

/** Compares the expand migrations of a folder with the rows of `_prisma_migrations`. */
export function compareMigrations(
  migrations: readonly Migration[],
  rows: readonly AppliedRow[],
): MigrationState {
  const expected = migrations.filter((migration) => !migration.contract)
  const live = rows.filter((row) => row.rolled_back_at === null)
  const finished = new Map(
    live.filter((row) => row.finished_at).map((row) => [row.migration_name, row.checksum]),
  )
  const unfinished = new Set(live.filter((row) => !row.finished_at).map((row) => row.migration_name))
  const names = (wanted: (migration: Migration) => boolean) => expected.filter(wanted).map(({ name }) => name)
  const failed = names(({ name }) => unfinished.has(name) && !finished.has(name))
  const pending = names(({ name }) => !unfinished.has(name) && !finished.has(name))
  const edited = names(({ name, checksum }) => finished.has(name) && finished.get(name) !== checksum)
  const applied = expected.length - failed.length - pending.length - edited.length
  return { expected: expected.length, applied, pending, edited, failed }
}

/**
 * Whether the migrations of `dir` are in the database, by name and checksum, contract migrations left out.
 * Rows that this image does not know belong to a newer release and are fine.
 */
export async function migrationState(
  prisma: Database,
  dir: string = MIGRATIONS_DIR,
): Promise<MigrationState> {
  return compareMigrations(readMigrations(dir), await readRows(prisma))
}

/** What is missing, in words; undefined when nothing is. */
export function describeMigrations(state: MigrationState): string | undefined {
  const parts = [
    state.failed.length > 0 && `failed: ${state.failed.join(', ')}`,
    state.edited.length > 0 && `applied with another content: ${state.edited.join(', ')}`,
    state.pending.length > 0 && `not applied yet: ${state.pending.join(', ')}`,
  ].filter(Boolean)
  if (parts.length === 0) return undefined
  return `${state.applied} of ${state.expected} migrations applied (${parts.join('; ')})`
}

async function readRows(prisma: Database): Promise<AppliedRow[]> {
  try {
    return await prisma.$queryRaw<AppliedRow[]>`
      SELECT migration_name, checksum, finished_at, rolled_back_at FROM _prisma_migrations`
  } catch (error) {
    if (hasPostgresCode(error, UNDEFINED_TABLE)) return [] // an empty database
    throw error
  }
}

function describe(name: string, script: Buffer): Migration {
  const checksum = createHash('sha256').update(script).digest('hex')
  return { name, checksum, contract: CONTRACT_MARK.test(script.toString('utf8')) }
}

function readIfThere(path: string): Buffer | undefined {
  try {
    return readFileSync(path)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw error
  }
}
