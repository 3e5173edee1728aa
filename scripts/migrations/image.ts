import { KitError } from '../errors.ts'
import type { Command, Runner } from '../run.ts'
import { inOrder, type ShippedMigration, shippedMigration } from './shipped.ts'

const DEFAULT_FOLDER = '/app/prisma/migrations'

/** How the shell says that the folder is absent: 0 to 2 and 125 to 127 have other meanings. */
const NO_FOLDER = 3

// Base64, since output is text and a checksum is about bytes.
const LIST = `cd "\${MIGRATIONS_DIR:-${DEFAULT_FOLDER}}" 2>/dev/null || exit ${NO_FOLDER}
for file in */migration.sql; do
  [ -f "$file" ] || continue
  printf '%s ' "\${file%/migration.sql}"
  base64 < "$file" | tr -d '\\n'
  echo
done`

/** Prints every migration of an image, one a line: its name, a space, its file in base64. */
export const listMigrations = (image: string): Command => ({
  file: 'docker',
  args: ['run', '--rm', '--network', 'none', '--read-only', '--entrypoint', 'sh', image, '-c', LIST],
})

/** Parses the output of `listMigrations`. */
export const parseMigrations = (output: string): ShippedMigration[] =>
  inOrder(
    output.split('\n').flatMap((line) => {
      const [name, content = ''] = line.split(' ')
      return name ? [shippedMigration(name, Buffer.from(content, 'base64'))] : []
    }),
  )

/**
 * The migrations that an image on this host carries, in order; the folder is its variable MIGRATIONS_DIR or
 * /app/prisma/migrations. Takes about half a second, the time to start a container.
 * Errors: no such folder, or a container that cannot be started.
 */
export async function migrationsOfImage(runner: Runner, image: string): Promise<ShippedMigration[]> {
  const listed = await runner.run(listMigrations(image), { check: false, timeoutMs: 60_000 })
  if (listed.code === 0) return parseMigrations(listed.stdout)
  throw new KitError(`the migrations of image ${image} cannot be read`, {
    why:
      listed.code === NO_FOLDER
        ? `it has no folder $MIGRATIONS_DIR (${DEFAULT_FOLDER} if that is not set)`
        : listed.stderr.trim(),
    next: 'say where they are with ENV MIGRATIONS_DIR=… in its Dockerfile, and build it again',
  })
}
