import type { Entry } from '../deploy/journal.ts'
import { Plan } from '../deploy/plan.ts'
import { KitError } from '../errors.ts'
import type { Ports } from '../ports.ts'
import { rollbackBlockers } from './contract.ts'
import { migrationsOfImage } from './image.ts'

type Known = { name: string; contract: boolean }

/** An image to go to, and its migrations where they are known already. */
export type Target = { image: string; shipped?: readonly Known[] }

/**
 * Errors: a contract migration is applied that the image does not carry, so that it may still use what is gone. The
 * database is asked only where some release on record carries a contract migration: a rollback is a matter of
 * milliseconds elsewhere.
 */
export async function refuseBeyondContract(
  { read, ledger }: Pick<Ports, 'read' | 'ledger'>,
  entries: readonly Entry[],
  { image, shipped }: Target,
): Promise<void> {
  const plans = entries.flatMap(({ plan }) => Plan.safeParse(plan).data ?? [])
  const known = [...plans.flatMap((plan) => plan.shipped), ...(shipped ?? [])]
  if (!known.some(({ contract }) => contract)) return
  const recorded = plans.findLast((plan) => plan.image === image && plan.shipped.length > 0)?.shipped
  const target = shipped ?? recorded ?? (await migrationsOfImage(read, image))
  const missing = rollbackBlockers(await ledger.migrations(), known, target)
  if (missing.length === 0) return
  throw new KitError('there is no way back past a contract migration', {
    why: `${missing.join(', ')} removed what ${image} may still use`,
    next: './ecomweb history shows later releases; a newer image that undoes the change can be deployed',
  })
}
