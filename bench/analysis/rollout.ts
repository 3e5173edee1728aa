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

const NEVER = new AbortController().signal

/** One whole rollout, by the engine's own watch: the phase that failed, or the last one. */
export async function rollOut(edge: SimulatedEdge, plan: Plan): Promise<Watched> {
  const evidence = new Evidence()
  const phases = [
    ...plan.canary.map((weight) => ({ phase: `canary ${weight} %`, weight, ms: plan.canaryStep })),
    { phase: 'soak', weight: 100, ms: plan.soak },
  ]
  const probing = {
    want: (on: boolean) => {
      edge.probing = on
    },
    unseen: () => ({ blue: { errors: 0, unanswered: 0 }, green: { errors: 0, unanswered: 0 } }),
  }
  let watched: Watched | undefined
  for (const { phase, weight, ms } of phases) {
    edge.weight = weight / 100
    const { interval, below, rules } = plan
    const probes = { below }
    watched = await watchWith(
      edge,
      {
        ...{ phase, ms, interval, rules, probes, evidence, signal: NEVER },
        newColour: 'green',
        sample: async () => edge.sample(),
      },
      probing,
    )
    if (watched.verdict === 'fail') break
  }
  return watched as Watched
}
