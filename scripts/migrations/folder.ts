import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { KitError } from '../errors.ts'
import { inOrder, type ShippedMigration, shippedMigration } from './shipped.ts'

/** The migrations of a folder of the working tree, in order. Errors: no such folder. */
export async function migrationsOfFolder(folder: string): Promise<ShippedMigration[]> {
  const entries = await readdir(folder, { withFileTypes: true }).catch((error: Error) => {
    throw new KitError(`the migrations in ${folder} cannot be read`, {
      why: error.message,
      next: './ecomweb migrate lint FOLDER, or an image instead of a folder',
    })
  })
  const names = entries.filter((entry) => entry.isDirectory()).map(({ name }) => name)
  const read = await Promise.all(
    names.map(async (name) => {
      const bytes = await readFile(join(folder, name, 'migration.sql')).catch(() => undefined)
      return bytes ? [shippedMigration(name, bytes)] : []
    }),
  )
  return inOrder(read.flat())
}
