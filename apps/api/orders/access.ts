import { type Actor, asActor, type Database, type Transaction } from '../../core/database.ts'
import { actorOf, type Principal } from '../auth/principal.ts'

/**
 * Looks for an order in the name of whoever asks: as themselves, then as a guest who knows its id, because somebody who
 * is signed in may have ordered as a guest before. Null where row security shows them nothing.
 */
export async function lookFor<T>(
  database: Database,
  id: string,
  principal: Principal | undefined,
  look: (transaction: Transaction) => Promise<T | null>,
): Promise<T | null> {
  for (const actor of actorsFor(id, principal)) {
    const found = await asActor(database, actor, look)
    if (found !== null) return found
  }
  return null
}

function actorsFor(id: string, principal: Principal | undefined): Actor[] {
  // As PostgreSQL writes a UUID, since that is what row security compares with.
  const guest: Actor = `order:${id.toLowerCase()}`
  if (!principal) return [guest]
  return principal.role === 'admin' ? [actorOf(principal)] : [actorOf(principal), guest]
}
