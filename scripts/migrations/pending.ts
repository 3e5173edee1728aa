import type { AppliedMigration } from '../ports.ts'
import type { ShippedMigration } from './shipped.ts'

/** The migrations of one release beside those of the database. */
export type Comparison = {
  /** Applied with the content that the release carries. */
  applied: string[]
  /** Expand migrations to apply, in order. */
  pending: ShippedMigration[]
  /** Contract migrations to apply later, in order. */
  contract: ShippedMigration[]
  /** Begun and neither finished nor rolled back, whichever release they are from: Prisma applies nothing meanwhile. */
  failed: string[]
  /** Applied with another content than this release's. */
  edited: string[]
  /** In the database and unknown to this release: it is an older one, or another one. */
  foreign: string[]
}

/** Compares by name and checksum; `rows` as the ledger gives them. */
export function comparePending(
  shipped: readonly ShippedMigration[],
  rows: readonly AppliedMigration[],
): Comparison {
  const { finished, failed } = standing(rows)
  const known = new Set(shipped.map(({ name }) => name))
  const names = (wanted: (migration: ShippedMigration) => boolean) =>
    shipped.filter(wanted).map(({ name }) => name)
  const left = shipped.filter(({ name }) => !finished.has(name) && !failed.includes(name))
  return {
    applied: names(({ name, checksum }) => finished.get(name) === checksum),
    pending: left.filter(({ contract }) => !contract),
    contract: left.filter(({ contract }) => contract),
    failed,
    edited: names(({ name, checksum }) => finished.has(name) && finished.get(name) !== checksum),
    foreign: [...finished.keys()].filter((name) => !known.has(name)),
  }
}

/** Whether the database has each expand migration of a release that carries some, and none that was left halfway. */
export function hasAll(
  shipped: readonly Pick<ShippedMigration, 'name' | 'contract'>[],
  rows: readonly AppliedMigration[],
): boolean {
  const { finished, failed } = standing(rows)
  const expand = shipped.filter(({ contract }) => !contract)
  return expand.length > 0 && failed.length === 0 && expand.every(({ name }) => finished.has(name))
}

/** The checksums of the finished migrations, and the names of those that were begun and neither finished nor undone. */
function standing(rows: readonly AppliedMigration[]): { finished: Map<string, string>; failed: string[] } {
  const live = rows.filter(({ rolledBack }) => !rolledBack)
  const finished = new Map(live.filter((row) => row.finished).map((row) => [row.name, row.checksum]))
  const begun = live.filter((row) => !row.finished && !finished.has(row.name)).map(({ name }) => name)
  return { finished, failed: [...new Set(begun)] }
}

/** The names of applied migrations. */
export const appliedNames = (rows: readonly AppliedMigration[]): Set<string> =>
  new Set(standing(rows).finished.keys())
