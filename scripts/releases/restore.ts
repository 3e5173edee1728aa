import type { StackContext } from '../context.ts'
import type { Plan } from '../deploy/plan.ts'
import type { Step } from '../deploy/steps.ts'
import { keepImage } from '../docker/application-image.ts'
import { KitError } from '../errors.ts'
import { reloadChecked } from '../haproxy/reload.ts'
import { parseEnvFile } from '../settings/env-file.ts'
import type { World } from '../world.ts'
import { currentFiles, readRelease, recordRelease, releaseFiles } from './record.ts'

/** Settings that say where this stack is and how it is reached; a release does not bring them back. */
const OF_THIS_STACK =
  /^ECOMWEB_NAME$|_PORT$|_IMAGE$|PASSWORD|SECRET|TOKEN|_URL$|^(POSTGRES|TEMPORAL|WORKER_PREVIOUS)_REPLICAS$/

/** What `.env` must say for a recorded release: limits, replicas and concurrency, never what this stack is. */
export function restoredSettings(recorded: string, current: string): Record<string, string> {
  const now = parseEnvFile(current)
  return Object.fromEntries(
    Object.entries(parseEnvFile(recorded)).filter(
      ([name, value]) => !OF_THIS_STACK.test(name) && now[name] !== value,
    ),
  )
}

/** Keeps what this deploy is made of, image and files, so that a later rollback finds it. */
export const record = ({ world, env }: StackContext, plan: Plan): Step => ({
  id: 'record',
  title: 'record the release',
  run: async () => {
    await world.runner.run(keepImage(env.ECOMWEB_NAME, plan.image))
    if (world.runner.dry) return
    await recordRelease(world.disk, {
      id: plan.id,
      image: plan.image,
      reference: plan.reference,
      shipped: plan.shipped,
    })
  },
})

/** Where the files lie that a rollback replaced, until it has ended. */
export const filesBefore = ({ id }: Plan): string => `${id}-before`

/** Brings back the Compose file, haproxy.cfg, volumes/backend-api and the settings of a recorded release. */
export function restoreFiles(context: StackContext, plan: Plan, release: string): Step {
  const { world } = context
  const before = filesBefore(plan)
  return {
    id: 'restore',
    title: `bring back the files of release ${release}`,
    async run() {
      if (!(await readRelease(world.disk, before))) {
        await recordRelease(world.disk, { id: before, image: '', reference: '', shipped: [] })
      }
      await putBack(world, release)
    },
    undo: async () => {
      if (!(await readRelease(world.disk, before))) return
      await putBack(world, before)
      // It may have been reloaded with what has just been taken away again.
      await reloadChecked(context)
    },
  }
}

async function putBack(world: World, id: string): Promise<void> {
  const release = await readRelease(world.disk, id)
  if (!release) throw new KitError(`release ${id} is not recorded here`, { next: './ecomweb history' })
  const current = await currentFiles(world.disk)
  for (const [path, text] of await releaseFiles(world.disk, release)) {
    if (path === '.env') await world.editEnv(restoredSettings(text, current.get('.env') ?? ''))
    else if (current.get(path) !== text) await world.replace(path, text)
  }
}
