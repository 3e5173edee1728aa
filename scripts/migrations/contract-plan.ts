import type { StackContext } from '../context.ts'
import { KitError } from '../errors.ts'
import { imageVariable } from '../stack/colours.ts'
import { type Blocked, type Carrier, contractBlockers } from './contract.ts'
import { migrationsOfImage } from './image.ts'
import type { Finding } from './lint/types.ts'
import { lintPending, type Release, readRelease } from './release.ts'
import type { ShippedMigration } from './shipped.ts'

/** What `migrate contract` would do. */
export type ContractPlan = {
  release: Release
  /** The contract migrations to apply, in order. */
  toApply: ShippedMigration[]
  findings: Finding[]
  /** The idle colour, when its image could not be run afterwards. */
  blocked: Blocked[]
}

/**
 * Plans the contract migrations of an image, by default the live colour's. `others` are further images that somebody
 * may want back, such as those of recorded releases.
 * Errors: something is failed or edited, or an expand migration is still pending.
 */
export async function contractPlan(
  stack: StackContext,
  image?: string,
  others: readonly Carrier[] = [],
): Promise<ContractPlan> {
  const release = await readRelease(stack, image)
  const { failed, edited, pending, contract } = release.found
  const inTheWay = [...failed, ...edited, ...pending.map(({ name }) => name)]
  if (inTheWay.length > 0) {
    throw new KitError('contract migrations come last: others are not in order yet', {
      why: inTheWay.join(', '),
      next: './ecomweb migrate status',
    })
  }
  const idleImage = stack.env[imageVariable(release.idle)]
  const idle: Carrier = {
    label: `${release.idle}, the idle colour`,
    image: idleImage,
    migrations: (await migrationsOfImage(stack.world.read, idleImage)).map(({ name }) => name),
  }
  return {
    release,
    toApply: contract,
    findings: await lintPending(release.shipped, contract),
    blocked: contractBlockers(contract, [idle, ...others]),
  }
}
