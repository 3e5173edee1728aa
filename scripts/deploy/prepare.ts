import { userInfo } from 'node:os'
import type { StackContext } from '../context.ts'
import {
  type ApplicationImage,
  findImage,
  missingFromContract,
  shortId,
} from '../docker/application-image.ts'
import { KitError } from '../errors.ts'
import { CONFIGURATION } from '../haproxy/reload.ts'
import { refuseBeyondContract } from '../migrations/beyond-contract.ts'
import { migrationsOfImage } from '../migrations/image.ts'
import type { Finding } from '../migrations/lint/types.ts'
import { comparePending } from '../migrations/pending.ts'
import { lintPending } from '../migrations/release.ts'
import { lastGood } from '../releases/last-good.ts'
import { hash } from '../releases/record.ts'
import { type Colour, imageVariable, other } from '../stack/colours.ts'
import { activeColour } from '../stack/switch.ts'
import { type Entry, newId, readJournal } from './journal.ts'
import { type Plan, simple } from './plan.ts'
import { planWorkers } from './plan-workers.ts'

export type Wishes = { canary: number[]; soak: number; skipReplay?: boolean }

/** What a deploy of an image would do; `listed` are its migrations, where somebody has begun to read them. */
export async function planDeploy(
  context: StackContext,
  image: ApplicationImage,
  wishes: Wishes,
  listed = migrationsOfImage(context.world.read, image.id),
): Promise<{ plan: Plan; findings: Finding[] }> {
  const { world, settings } = context
  const shipped = await listed
  const entries = await readJournal(world.disk)
  const from = await activeColour(world)
  const found = comparePending(shipped, await world.ledger.migrations())
  await refuseBeyondContract(world, entries, { image: image.id, shipped })
  const plan: Plan = {
    ...basics(context, entries, from),
    command: 'deploy',
    image: image.id,
    reference: image.reference,
    pulled: image.pulled === true,
    migrations: found.pending.map(({ name }) => name),
    shipped: shipped.map(({ name, contract }) => ({ name, contract })),
    replay: !image.variables.REPLAY_COMMAND ? 'undeclared' : wishes.skipReplay ? 'by_flag' : 'gate',
    canary: wishes.canary,
    canary_step: settings.canary_step,
    soak: wishes.soak,
    workers: await planWorkers(context, { command: 'deploy', image: image.id, from }, wishes.skipReplay),
    reload_edge: await edgeChanged(context, entries),
    hooks: await world.disk.list('hooks'),
  }
  return { plan, findings: await lintPending(shipped, found.pending) }
}

/** What plans have in common: the two colours, and what `.env` says before. */
export const basics = (
  { world, env }: StackContext,
  entries: readonly Entry[],
  from: Colour,
  to: Colour = other(from),
): Omit<Plan, 'command' | 'image' | 'reference'> => ({
  id: newId(world.clock.date(), entries),
  from,
  to,
  warm: false,
  before: {
    API_BLUE_IMAGE: env.API_BLUE_IMAGE,
    API_GREEN_IMAGE: env.API_GREEN_IMAGE,
    BACKGROUND_IMAGE: env.BACKGROUND_IMAGE,
    WORKER_PREVIOUS_IMAGE: env.WORKER_PREVIOUS_IMAGE,
    WORKER_PREVIOUS_REPLICAS: String(env.WORKER_PREVIOUS_REPLICAS),
    [imageVariable(to)]: env[imageVariable(to)],
  },
  canary: [],
  canary_step: 0,
  soak: 0,
  reload_edge: false,
  hooks: [],
  migrations: [],
  shipped: [],
  pulled: false,
  workers: simple('nothing of this concerns the workers'),
  by: userInfo().username,
  pid: process.pid,
})

/** Finds the image. Errors: absent, or not deployable. */
export async function imageToDeploy(
  { world }: Pick<StackContext, 'world'>,
  reference: string,
  detail: (text: string) => void = () => {},
): Promise<ApplicationImage> {
  const image = await findImage(world.read, reference)
  const missing = missingFromContract(image)
  if (missing.length > 0) {
    throw new KitError(`image ${reference} does not keep the image contract`, {
      why: `it declares no ${missing.join(', no ')}`,
      next: `./ecomweb verify ${reference}   (DEPLOYMENT.md, "The image contract")`,
    })
  }
  detail(shortId(image.id))
  return image
}

/** HAProxy runs with the configuration of the last release; a file changed since then has yet to reach it. */
async function edgeChanged({ world }: StackContext, entries: readonly Entry[]): Promise<boolean> {
  const recorded = (await lastGood(world.disk, entries))?.files[CONFIGURATION]
  const now = await world.disk.read(CONFIGURATION)
  return now !== undefined && hash(now) !== recorded
}
