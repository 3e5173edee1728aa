import type { StackContext } from '../context.ts'
import { composeRunOnce, composeUp } from '../docker/compose.ts'
import { containerOf } from '../docker/containers.ts'
import { KitError } from '../errors.ts'
import { hasAll } from '../migrations/pending.ts'
import { CommandFailed } from '../run.ts'
import { apiService, imageVariable } from '../stack/colours.ts'
import { checkReady } from '../stack/readiness.ts'
import { drainColour } from './drain.ts'
import { keepFailed } from './evidence.ts'
import { containerFailure } from './failure.ts'
import type { Plan } from './plan.ts'
import type { Step } from './steps.ts'

/**
 * Applies the migrations of the new image from a throw-away container; the live colour keeps serving. Where none of
 * `shipped` is to be applied there is none: that container takes a second, and whatever else MIGRATE_COMMAND does, the
 * new colour has it done as it starts.
 */
export const migrate = (
  { world }: StackContext,
  plan: Pick<Plan, 'to' | 'image'> & Partial<Pick<Plan, 'shipped'>>,
): Step => ({
  id: 'migrate',
  title: 'apply migrations',
  async run(detail) {
    // A database that does not answer is for the container to wait for.
    const rows = await world.ledger.migrations().catch(() => [])
    if (hasAll(plan.shipped ?? [], rows)) return detail('all are applied already')
    const apply = ['bash', '-c', 'exec $MIGRATE_COMMAND']
    const command = composeRunOnce(apiService(plan.to), { [imageVariable(plan.to)]: plan.image }, apply)
    const ended = await world.runner.run(command, { stream: detail, check: false })
    if (ended.code === 0) return
    throw new KitError('the migrations of the new image could not be applied', {
      why: `${ended.stdout}${ended.stderr}`.trim().split('\n').slice(-15).join('\n'),
      next: 'mend the migration, build the image again, then ./ecomweb deploy',
      cause: new CommandFailed(command, ended),
    })
  },
})

/**
 * Replaces the idle colour's container, also one of the same image: what it went through before is no fault of this
 * deploy. Undone, the image that it ran before is warm again.
 */
export function startIdle(context: StackContext, plan: Plan): Step {
  const { world } = context
  const variable = imageVariable(plan.to)
  const services = [apiService(plan.to)]
  return {
    id: 'start',
    title: `start ${plan.to}`,
    async run(detail) {
      // Requests that an earlier switch left on this colour end before its container does.
      await drainColour(context, plan.to, detail)
      await world.editEnv({ [variable]: plan.image })
      await world.runner.run(composeUp(services, { dependencies: false, recreate: 'always' }))
    },
    async undo() {
      const kept = await keepFailed(context, plan)
      await world.editEnv({ [variable]: plan.before[variable] ?? plan.image })
      await world.runner.run(composeUp(services, { dependencies: false }))
      return kept && { kept }
    },
  }
}

/** Waits until the idle colour is really ready; gives up early when its container ends or restarts. */
export function gate(context: StackContext, plan: Plan): Step {
  const { env, settings, world } = context
  const service = apiService(plan.to)
  return {
    id: 'ready',
    title: `wait until ${plan.to} is ready`,
    async run(detail) {
      let missing = 'it was never asked'
      let looks = 0
      const crashed = async (): Promise<boolean> => {
        const container = await containerOf(world.read, env.ECOMWEB_NAME, service)
        return !container || container.restarts > 0 || container.status === 'exited'
      }
      const look = async (): Promise<'ready' | 'crashed' | undefined> => {
        const verdict = await checkReady(world, env, plan.to, plan.image)
        // One that needed a second start would go back later, with users on it: whoever watches it counts restarts.
        if (verdict.ready) return (await crashed()) ? 'crashed' : 'ready'
        missing = verdict.missing
        detail(missing)
        // Asking the engine costs more than asking HAProxy, and a crash can wait two seconds.
        looks += 1
        return looks % 10 === 0 && (await crashed()) ? 'crashed' : undefined
      }
      const outcome = await world
        .until(`${plan.to} is ready`, look, { timeoutMs: settings.ready_timeout, assume: 'ready' })
        .catch(() => 'late' as const)
      context.interrupted.throwIfAborted()
      if (outcome !== 'ready') throw await containerFailure(context, service, [missing])
    },
  }
}
