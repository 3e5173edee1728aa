import { randomUUID } from 'node:crypto'
import { readSample } from '../analysis/counters.ts'
import { Evidence } from '../analysis/evidence.ts'
import { DEFAULT_RULES, type Rules } from '../analysis/rules.ts'
import type { Figures, Watched } from '../analysis/types.ts'
import { watch } from '../analysis/watch.ts'
import type { StackContext } from '../context.ts'
import { type Container, containerOf, inspectContainers, parseContainers } from '../docker/containers.ts'
import { KitError } from '../errors.ts'
import { readStats } from '../haproxy/stats.ts'
import { previewToken } from '../hooks/smoke.ts'
import type { KitSettings } from '../settings/kit-settings.ts'
import { apiService } from '../stack/colours.ts'
import { parseReady } from '../stack/probe.ts'
import { containerFailure } from './failure.ts'
import type { Plan } from './plan.ts'
import type { Step } from './steps.ts'
import { giveBack } from './traffic.ts'

/** Watches the new colour for a phase of a rollout. Errors: it is worse than the old one, with the figures. */
export type WatchPhase = (phase: string, ms: number) => Step['run']

/** One watcher for all phases of a rollout: each judges with what the earlier ones saw. */
export function watcher(context: StackContext, plan: Plan): WatchPhase {
  const evidence = new Evidence()
  return (phase, ms) => (detail) =>
    context.world.act(`watch ${phase} for ${ms / 1000} s`, () => watchPhase(phase, ms, detail), undefined)

  async function watchPhase(
    phase: string,
    ms: number,
    detail: (text: string) => void,
  ): Promise<Watched | undefined> {
    const { world, settings, env, interrupted } = context
    if (ms === 0) return undefined
    const { rate, below, requests } = settings.probes
    const watched = await watch(world, {
      phase,
      ms,
      interval: settings.analysis.interval,
      newColour: plan.to,
      rules: rulesOf(settings),
      sample: () => readSample(world),
      health: () => illness(context, plan),
      ...(requests.length > 0
        ? {
            probes: {
              probes: requests,
              port: env.HTTP_PORT,
              token: await previewToken(world),
              id: randomUUID,
              rate,
              below,
            },
          }
        : {}),
      evidence,
      signal: interrupted,
    })
    detail(watched.reason)
    if (watched.verdict === 'fail') throw await worse(context, plan, watched)
    if (watched.verdict === 'inconclusive' && settings.analysis.inconclusive === 'rollback') {
      throw new KitError(`${phase}: nothing could be said about the new release`, {
        why: `${watched.reason}; analysis.inconclusive under x-ecomweb says rollback`,
        next: 'add requests to x-ecomweb.probes, or deploy with a longer --soak',
      })
    }
    return watched
  }
}

const rulesOf = ({ analysis }: KitSettings): Rules => ({
  ...DEFAULT_RULES,
  minRequests: analysis.min_requests,
  errors: { ...DEFAULT_RULES.errors, excess: analysis.error_excess / 100 },
  latency: { ...DEFAULT_RULES.latency, factor: analysis.latency_factor, ms: analysis.latency_ms },
})

/** What is wrong with the new colour's container or its processes; undefined when nothing is. */
export async function illness(context: StackContext, plan: Plan): Promise<string | undefined> {
  const { world, env } = context
  const name = `${env.ECOMWEB_NAME}_api_${plan.to}`
  const { code, stdout, stderr } = await world.read.run(inspectContainers([name]), { check: false })
  // An engine that does not answer says nothing of its containers.
  const known = code === 0 || /no such container/i.test(stderr)
  const named = parseContainers(stdout || '[]')[0]
  const ill = known ? sick(name, named ?? (await otherwiseNamed(context, plan)), plan) : undefined
  if (ill) return ill
  // Users of a canary that HAProxy gave up on fall back to the old colour, so no counter would show it.
  const { status, check } = (await readStats(world))[plan.to]
  if (status.startsWith('DOWN')) return `HAProxy sees ${plan.to} ${status} (${check})`
  const port = plan.to === 'blue' ? env.API_BLUE_PORT : env.API_GREEN_PORT
  // A busy host may answer late: that is for the counters to judge.
  const answer = await world.http.request(port, '/ready').catch(() => undefined)
  const { ready, expected } = (answer && parseReady(answer.body)?.workers) ?? { ready: 1, expected: 1 }
  return ready < expected ? `only ${ready} of ${expected} processes of ${plan.to} are ready` : undefined
}

/** A `docker compose up` that was cut off leaves the container that it made under a name of its own. */
const otherwiseNamed = ({ world, env }: StackContext, plan: Plan): Promise<Container | undefined> =>
  containerOf(world.read, env.ECOMWEB_NAME, apiService(plan.to))

/** What a warm colour went through in the days before is no reason to go back from it. */
function sick(name: string, container: Container | undefined, { warm }: Plan): string | undefined {
  if (!container) return `${name} is gone`
  if (container.oomKilled && !warm) return `${name} ran out of memory`
  if (container.restarts > 0 && !warm) return `${name} was restarted`
  return container.running ? undefined : `${name} is ${container.status}`
}

/** Users go back before the container is asked what it logged; where that fails, the step's undo says so. */
async function worse(context: StackContext, plan: Plan, watched: Watched): Promise<KitError> {
  await giveBack(context, plan).catch(() => {})
  const figures = watched.figures.filter(({ responses }) => responses.new > 0).map(describe)
  return containerFailure(context, apiService(plan.to), [watched.reason, ...figures], {
    what: `${watched.phase}: the new release is worse than the one before it`,
    facts: watched,
  })
}

const describe = ({ audience, responses, errorRatio, p50, p95 }: Figures): string =>
  [
    `${audience}: ${responses.new} answers, ${percent(errorRatio.new)} errors, p50 ${ms(p50.new)}, p95 ${ms(p95.new)}`,
    `the old: ${responses.old} answers, ${percent(errorRatio.old)} errors, p50 ${ms(p50.old)}, p95 ${ms(p95.old)}`,
  ].join('; ')

const ms = (value: number): string => `${value.toFixed(0)} ms`

const percent = (ratio: number): string => `${(ratio * 100).toFixed(2)} %`
