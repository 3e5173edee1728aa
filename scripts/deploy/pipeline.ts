import type { StackContext } from '../context.ts'
import { reloadEdge } from '../haproxy/reload.ts'
import type { HookName } from '../hooks/table.ts'
import { applyContract } from '../migrations/containers.ts'
import { record, restoreFiles } from '../releases/restore.ts'
import { moveBackground, moveCron } from './background.ts'
import { gate, migrate, startIdle } from './colour.ts'
import { drainOld, leaveStreams } from './drain.ts'
import { follow } from './follow.ts'
import { guarded } from './guard.ts'
import { held } from './held.ts'
import { hook, smoke } from './hooks.ts'
import type { Plan } from './plan.ts'
import { replay } from './replay.ts'
import { handOver, keepWorkers, leaving, retire } from './retire.ts'
import type { Step } from './steps.ts'
import { canary, moveTraffic } from './traffic.ts'
import { watcher } from './watching.ts'
import { moveWorkers, promote, promoteIfLive } from './workers.ts'

/** The steps of a plan, in order; made from the plan alone, so that they are the same after a crash. */
export function stepsOf(context: StackContext, plan: Plan): Step[] {
  const move = [moveTraffic(context, plan), leaveStreams(context, plan.from)]
  if (plan.command === 'contract') return contractSteps(context, plan)
  const versioned = plan.workers.mode === 'versioned'
  const keep = versioned && plan.workers.from !== plan.workers.to ? [keepWorkers(context, plan)] : []
  if (plan.command === 'switch') return [...keep, ...move, ...(versioned ? follow(context, plan) : [])]
  if (plan.warm)
    return [...keep, ...move, ...(versioned ? moveBack(context, plan) : [moveAll(context, plan)])]
  return deploySteps(context, plan, versioned)
}

/** There is no way back from a contract migration, so the idle colour gets the live image first, and keeps it. */
const contractSteps = (context: StackContext, plan: Plan): Step[] => [
  { ...startIdle(context, plan), undo: async () => {} },
  gate(context, plan),
  applyContract(context, { idle: plan.to, image: plan.image }),
]

/** Users first; then workers that are ready become current at once, and the two services change places. */
const moveBack = (context: StackContext, plan: Plan): Step[] =>
  [promoteIfLive, retire, moveWorkers, moveCron].map((make) =>
    guarded(context, plan, (within) => held(within, plan, make(within, plan))),
  )

/** What follows users to a new version whose workers are up. */
const followUsers = (context: StackContext, plan: Plan): Step[] =>
  [promote, ...(leaving(plan).length > 0 ? [handOver] : []), moveCron].map((make) =>
    guarded(context, plan, (within) => make(within, plan)),
  )

const moveAll = (context: StackContext, plan: Plan): Step =>
  guarded(context, plan, (within) => moveBackground(within, plan))

function deploySteps(context: StackContext, plan: Plan, versioned: boolean): Step[] {
  const watch = watcher(context, plan)
  const guardedHook = (name: HookName) =>
    hook(context, plan, name).map((step) => guarded(context, plan, () => step))
  return [
    ...hook(context, plan, 'pre-deploy'),
    ...(plan.restore ? [restoreFiles(context, plan, plan.restore)] : []),
    record(context, plan),
    ...(plan.reload_edge ? [reloadEdge(context)] : []),
    ...(plan.restore ? [] : [migrate(context, plan), ...hook(context, plan, 'post-migrate')]),
    ...replay(context, plan),
    ...(versioned ? [retire(context, plan)] : []),
    startIdle(context, plan),
    ...(versioned ? [moveWorkers(context, plan)] : []),
    gate(context, plan),
    smoke(context, plan),
    ...plan.canary.map((weight) =>
      canary(context, plan, weight, watch(`canary ${weight} %`, plan.canary_step)),
    ),
    ...guardedHook('pre-switch'),
    moveTraffic(context, plan),
    ...(versioned ? followUsers(context, plan) : [moveAll(context, plan)]),
    ...guardedHook('post-switch'),
    ...(plan.soak > 0
      ? [{ id: 'soak', title: `soak: watch ${plan.to} with all traffic`, run: watch('soak', plan.soak) }]
      : []),
    guarded(context, plan, (within) => drainOld(within, plan.from)),
  ]
}
