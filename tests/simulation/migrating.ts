import type { Result } from '../../scripts/run.ts'
import type { Host } from './host.ts'
import type { SimulatedImage } from './images.ts'

/** What goes on outside of the kit: each yield says how many ms it needs until it goes on, if it ever does. */
export type Program = Generator<number, Result>

export const ok = (stdout = ''): Result => ({ code: 0, stdout, stderr: '' })
export const failed = (stderr: string, code = 1): Result => ({ code, stdout: '', stderr: `${stderr}\n` })

/** The image's MIGRATE_COMMAND: one at a time, others wait; what PostgreSQL undid as a whole is marked so. */
export function* migrating(host: Host, image: SimulatedImage, owner: object): Program {
  const { database, random } = host
  if (database.lacks(image).length === 0 && !database.blocked(image)) return ok('migrate: nothing to do\n')
  while (database.lockedBy !== undefined && database.lockedBy !== owner && host.alive(database.lockedBy))
    yield 400
  database.lockedBy = owner
  for (const name of database.lacks(image)) {
    if (database.blocked(image)) break
    const row = database.begin(name)
    host.effect(`migration ${name} began`)
    yield random.between(10, 1500)
    if (image.refused?.name === name) {
      row.rolledBack = image.refused.undone
      database.lockedBy = undefined
      host.effect(`migration ${name} failed`, row.rolledBack ? 'undone' : 'left to a person')
      return failed(`migrate: ${name} failed`)
    }
    row.finished = true
    host.effect(`migration ${name} applied`)
  }
  database.lockedBy = undefined
  const blocked = database.blocked(image)
  return blocked
    ? failed(`migrate: ${blocked.name} failed earlier`)
    : ok('migrate: the schema is up to date\n')
}
