import type { StackContext } from '../context.ts'
import { findImage } from '../docker/application-image.ts'
import { KitError } from '../errors.ts'
import { refuseBeyondContract } from '../migrations/beyond-contract.ts'
import { listReleases, type Release, readRelease, releaseFiles } from '../releases/record.ts'
import { COLOURS, type Colour, imageVariable, other } from '../stack/colours.ts'
import { checkReady } from '../stack/readiness.ts'
import { activeColour } from '../stack/switch.ts'
import { readJournal } from './journal.ts'
import type { Plan } from './plan.ts'
import { planWorkers } from './plan-workers.ts'
import { basics } from './prepare.ts'

/** Back to the colour that is still warm: one commit, then workers and cron follow. */
export async function planWarmRollback(context: StackContext): Promise<Plan> {
  const { world, env } = context
  const entries = await readJournal(world.disk)
  const from = await activeColour(world)
  const to = other(from)
  const image = env[imageVariable(to)]
  await refuseBeyondContract(world, entries, { image })
  const common = { command: 'rollback' as const, image, reference: image, warm: true }
  const plan = { ...basics(context, entries, from), ...common }
  return { ...plan, workers: await planWorkers(context, plan) }
}

/**
 * Back to a recorded release: a commit while a colour still runs it, else a deploy of it with its files and settings.
 * Errors: it is not recorded, or its image is gone.
 */
export async function planRollbackTo(context: StackContext, id: string): Promise<Plan> {
  const { world } = context
  const release = await requireRelease(context, id)
  const entries = await readJournal(world.disk)
  const from = await activeColour(world)
  await refuseBeyondContract(world, entries, release)
  const common = { command: 'rollback' as const, image: release.image, reference: release.reference }
  const warm = await warmColour(context, release)
  if (warm === from) {
    throw new KitError(`release ${id} serves already`, { next: './ecomweb history shows the others' })
  }
  if (warm) {
    const plan = { ...basics(context, entries, from, warm), ...common, warm: true }
    return { ...plan, workers: await planWorkers(context, plan) }
  }
  await findImage(world.read, release.image)
  const workers = await planWorkers(context, { ...common, from })
  if (workers.mode === 'versioned') await refuseUnversioned(context, release)
  return {
    ...basics(context, entries, from),
    ...common,
    restore: id,
    workers,
    reload_edge: true,
    shipped: release.shipped,
    hooks: await world.disk.list('hooks'),
  }
}

/** With files from before there were versions, the version that serves would lose its workers at once. */
async function refuseUnversioned({ world }: StackContext, release: Release): Promise<void> {
  const compose = (await releaseFiles(world.disk, release)).get('docker-compose.yml') ?? ''
  if (compose.includes('TEMPORAL_DEPLOYMENT_NAME')) return
  throw new KitError(`the files of release ${release.id} know nothing of worker versions`, {
    why: 'its docker-compose.yml gives workers no TEMPORAL_DEPLOYMENT_NAME: what runs now would have none to go on with',
    next: `./ecomweb deploy ${release.image}   (the image of that release, with the files of today)`,
  })
}

/** The colour that runs a release and is ready. */
async function warmColour({ world, env }: StackContext, release: Release): Promise<Colour | undefined> {
  for (const colour of COLOURS) {
    if (env[imageVariable(colour)] !== release.image) continue
    if ((await checkReady(world, env, colour, release.image)).ready) return colour
  }
  return undefined
}

async function requireRelease({ world }: StackContext, id: string): Promise<Release> {
  const release = await readRelease(world.disk, id)
  if (release && release.image !== '') return release
  const known = (await listReleases(world.disk)).filter((name) => /^\d{8}-\d{6}(-\d+)?$/.test(name))
  throw new KitError(`release ${id} is not recorded here`, {
    why:
      known.length > 0 ? `recorded: ${known.join(', ')}` : 'none is: nothing was deployed by ./ecomweb yet',
    next: './ecomweb history',
  })
}
