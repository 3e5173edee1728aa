import type { Host } from './host.ts'
import type { SimulatedImage } from './images.ts'
import { failed, ok, type Program } from './program.ts'

/** The image's MIGRATE_COMMAND: one at a time, others wait; what PostgreSQL undid as a whole is marked so. */
export function* migrating(host: Host, image: SimulatedImage, owner: object): Program {
  const { database, random } = host
  const refusal = () => {
    const failure =
      database.blocked(image) ?? (database.lacks(image).length > 0 ? database.stuck() : undefined)
    return failure && failed(`migrate: ${failure.name} failed earlier`)
  }
  if (database.lacks(image).length === 0 && !refusal()) return ok('migrate: nothing to do\n')
  while (database.lockedBy !== undefined && database.lockedBy !== owner && host.alive(database.lockedBy))
    yield 400
  database.lockedBy = owner
  for (const name of database.lacks(image)) {
    if (refusal()) break
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
  return refusal() ?? ok('migrate: the schema is up to date\n')
}
