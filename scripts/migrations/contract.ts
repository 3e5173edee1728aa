import type { AppliedMigration } from '../ports.ts'
import { appliedNames } from './pending.ts'
import type { ShippedMigration } from './shipped.ts'

/** A release that may be wanted back, with the names of the migrations that its image carries. */
export type Carrier = { label: string; image: string; migrations: readonly string[] }

/** A release that cannot be run any more, and the contract migrations that stand in its way. */
export type Blocked = { label: string; image: string; missing: string[] }

/**
 * Which images could not be run once these contract migrations are applied: the idle colour's and those of recorded
 * releases. An image that carries a contract migration was built from code that does without what it removes; one
 * that does not may still use it.
 */
export const contractBlockers = (
  toApply: readonly Pick<ShippedMigration, 'name'>[],
  carriers: readonly Carrier[],
): Blocked[] =>
  carriers.flatMap(({ label, image, migrations }) => {
    const missing = toApply.map(({ name }) => name).filter((name) => !migrations.includes(name))
    return missing.length > 0 ? [{ label, image, missing }] : []
  })

/**
 * The contract migrations that are applied and that the image to go back to does not carry; empty when it can be
 * run. `known` are the migrations of the releases on record, the live one at least: the database does not know which
 * of its rows removed something. Expand migrations never stand in the way.
 */
export function rollbackBlockers(
  applied: readonly AppliedMigration[],
  known: readonly Pick<ShippedMigration, 'name' | 'contract'>[],
  target: readonly Pick<ShippedMigration, 'name'>[],
): string[] {
  const done = appliedNames(applied)
  const carried = new Set(target.map(({ name }) => name))
  const contracts = new Set(known.filter(({ contract }) => contract).map(({ name }) => name))
  return [...contracts].filter((name) => done.has(name) && !carried.has(name))
}
