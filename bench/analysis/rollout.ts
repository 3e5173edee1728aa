import { Evidence } from '../../scripts/analysis/evidence.ts'
import type { Rules } from '../../scripts/analysis/rules.ts'
import type { Watched } from '../../scripts/analysis/types.ts'
import { watchWith } from '../../scripts/analysis/watch.ts'
import type { SimulatedEdge } from './simulated-edge.ts'

/** The settings of a rollout that matter here, as in `x-ecomweb:`; times in ms. */
export type Plan = {
  canary: number[]
  canaryStep: number
  soak: number
  interval: number
  below: number
  rules: Rules
}

/** `lost`: errors that users of the new colour got; `ms`: of all phases. */
export type Outcome = { last: Watched; lost: number; ms: number }

const NEVER = new AbortController().signal
const NOTHING_UNSEEN = { blue: { errors: 0, unanswered: 0 }, green: { errors: 0, unanswered: 0 } }

/** One whole rollout, by the engine's own watch, up to the phase that failed. */
export async function rollOut(edge: SimulatedEdge, plan: Plan): Promise<Outcome> {
  const { canary, canaryStep, soak, interval, below, rules } = plan
  const evidence = new Evidence()
  const probing = {
    want: (on: boolean) => {
      edge.probing = on
    },
    unseen: () => NOTHING_UNSEEN,
  }
  const watchAt = (weight: number, phase: string, ms: number): Promise<Watched> => {
    edge.weight = weight / 100
    const sample = async () => edge.sample()
    const options = { phase, ms, interval, rules, probes: { below }, evidence, sample, signal: NEVER }
    return watchWith(edge, { ...options, newColour: 'green' }, probing)
  }
  const outcome = (last: Watched): Outcome => ({
    last,
    lost: edge.sample().colours.green.users.serverErrors,
    ms: edge.clock.now(),
  })
  for (const weight of canary) {
    const watched = await watchAt(weight, `canary ${weight} %`, canaryStep)
    if (watched.verdict === 'fail') return outcome(watched)
  }
  return outcome(await watchAt(100, 'soak', soak))
}
