import type { StackContext } from '../context.ts'
import { reloadEdge } from '../haproxy/reload.ts'
import { record, restoreFiles } from '../releases/restore.ts'
import { moveBackground } from './background.ts'
import { gate, migrate, startIdle } from './colour.ts'
import { drainOld } from './drain.ts'
import type { Plan } from './plan.ts'
import type { Step } from './steps.ts'
import { canary, moveTraffic } from './traffic.ts'

/** The steps of a plan, in order; made from the plan alone, so that they are the same after a crash. */
export function stepsOf(context: StackContext, plan: Plan): Step[] {
  if (plan.command === 'switch') return [moveTraffic(context, plan)]
  if (plan.warm) return [moveTraffic(context, plan), moveBackground(context, plan)]
  return deploySteps(context, plan)
}

const deploySteps = (context: StackContext, plan: Plan): Step[] => [
  ...(plan.restore ? [restoreFiles(context, plan, plan.restore)] : []),
  record(context, plan, {}),
  ...(plan.reload_edge ? [reloadEdge(context)] : []),
  ...(plan.restore ? [] : [migrate(context, plan)]),
  startIdle(context, plan),
  gate(context, plan),
  ...plan.canary.map((weight) => canary(context, plan, weight, async () => undefined)),
  moveTraffic(context, plan),
  moveBackground(context, plan),
  drainOld(context, plan.from),
]
