import type { StackContext } from '../context.ts'
import { findImage, shortId } from '../docker/application-image.ts'
import { readRoutesFile } from '../haproxy/routes.ts'
import { type Colour, imageVariable, other } from '../stack/colours.ts'
import { migrationsOfImage } from './image.ts'
import { lintMigrations } from './lint/lint.ts'
import type { Finding } from './lint/types.ts'
import { type Comparison, comparePending } from './pending.ts'
import type { ShippedMigration } from './shipped.ts'

/** The migrations of one image beside those of the stack's database. */
export type Release = {
  /** The image's id. */
  image: string
  /** How people are told of it. */
  label: string
  live: Colour
  idle: Colour
  shipped: ShippedMigration[]
  found: Comparison
}

/** Looks at an image, by default the live colour's. Errors: no such image, or no answer from the database. */
export async function readRelease(stack: StackContext, reference?: string): Promise<Release> {
  const live = (await readRoutesFile(stack.world)).active
  const { id } = await findImage(stack.world.read, reference ?? stack.env[imageVariable(live)])
  const [shipped, rows] = await Promise.all([
    migrationsOfImage(stack.world.read, id),
    stack.world.ledger.migrations(),
  ])
  return {
    image: id,
    label: reference ? `${reference} (${shortId(id)})` : `${live}, ${shortId(id)}`,
    live,
    idle: other(live),
    shipped,
    found: comparePending(shipped, rows),
  }
}

/** Lints what would be applied; what is applied already serves as proof. */
export function lintPending(
  shipped: readonly ShippedMigration[],
  toApply: readonly ShippedMigration[],
): Promise<Finding[]> {
  const ahead = new Set(toApply)
  return lintMigrations(toApply, { history: shipped.filter((migration) => !ahead.has(migration)) })
}
