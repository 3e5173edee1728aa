import type { StackContext } from '../context.ts'
import { type ApplicationImage, declaredBy } from '../docker/application-image.ts'
import type { Routing } from '../ports.ts'
import { imageVariable } from '../stack/colours.ts'
import { poll } from '../stack/wait.ts'
import { TemporalAway } from '../temporal/away.ts'
import { gateOf, versionOf } from '../workers/build-id.ts'
import { type Plan, simple, type Workers } from './plan.ts'

/** A busy server may answer the second time; users who wait to be moved do not wait for that. */
const [PATIENCE_MS, HURRY_MS] = [6000, 3000]

/**
 * How workers come to the image of a plan: by versions where the server knows them and one of the two images registers
 * them. A server that does not answer is taken to know them: the steps wait for it, and change nothing before.
 */
export async function planWorkers(
  context: StackContext,
  plan: Pick<Plan, 'command' | 'image' | 'from'> & Partial<Pick<Plan, 'warm'>>,
  skipReplay = false,
): Promise<Workers> {
  const { env, world } = context
  const served = env[imageVariable(plan.from)]
  const { BACKGROUND_IMAGE: worker, WORKER_PREVIOUS_IMAGE: previous, WORKER_REPLICAS: replicas } = env
  const references = [...new Set([served, plan.image, worker, previous])]
  const images = new Map(
    await Promise.all(
      references.map(async (reference) => {
        return [reference, { variables: await declaredBy(world.read, reference) }] as const
      }),
    ),
  )
  const imageOf = (reference: string) => images.get(reference) as Pick<ApplicationImage, 'variables'>
  const version = (reference: string) => versionOf(reference, imageOf(reference))
  const [from, to] = [version(served), version(plan.image)]
  const before = {
    worker: version(worker),
    previous: env.WORKER_PREVIOUS_REPLICAS > 0 ? version(previous) : '',
  }
  if (from === '' && to === '' && before.worker === '' && before.previous === '')
    return simple('neither image registers versions (GATE_WORKFLOW)')
  if (replicas === 0) return simple('WORKER_REPLICAS is 0')
  // Where users are to be moved first, they do not wait for a Temporal that is not there, and not long for one that hangs.
  const hurried = plan.command === 'switch' || plan.warm === true
  const look = () => world.versions.look(hurried ? HURRY_MS : undefined)
  const answer = await poll(() => ask(look, hurried), {
    ...{ timeoutMs: hurried ? HURRY_MS : PATIENCE_MS, intervalMs: 500, clock: world.clock },
  })
  const asked = answer === 'away' ? undefined : answer
  if (asked && !asked.routing) return simple('this Temporal does not know worker versions')
  // Traffic alone can move without Temporal, and must.
  if (!asked && plan.command === 'switch') return simple('Temporal does not answer')
  return {
    ...{ mode: 'versioned', from, to, replicas, ...before },
    gate: gateOf(imageOf(plan.image)),
    replays: skipReplay
      ? []
      : [served, plan.image].filter((reference) => replaysVersions(imageOf(reference))),
  }
}

/** An older image may replay, and know nothing of `--build-id`. */
const replaysVersions = ({ variables }: Pick<ApplicationImage, 'variables'>): boolean =>
  Boolean(variables.REPLAY_COMMAND && variables.GATE_WORKFLOW)

/** Undefined where it is worth another question. */
async function ask(
  look: () => Promise<Routing | undefined>,
  hurried: boolean,
): Promise<{ routing: Routing | undefined } | 'away' | undefined> {
  try {
    return { routing: await look() }
  } catch (error) {
    return hurried && error instanceof TemporalAway ? 'away' : undefined
  }
}
