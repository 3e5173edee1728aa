import { type Context, openStack, type StackContext } from '../context.ts'
import { conduct } from '../deploy/conduct.ts'
import { type Outcome, refuseUnfinished } from '../deploy/engine.ts'
import { readJournal } from '../deploy/journal.ts'
import type { Plan } from '../deploy/plan.ts'
import { planWorkers } from '../deploy/plan-workers.ts'
import { basics } from '../deploy/prepare.ts'
import { planRollbackTo, planWarmRollback } from '../deploy/rollback.ts'
import { EXIT, KitError } from '../errors.ts'
import { readRoutesFile, readRunningRoutes, sameRoutes } from '../haproxy/routes.ts'
import { seconds } from '../output/progress.ts'
import { type Colour, imageVariable, isColour } from '../stack/colours.ts'
import { type CommandSpec, DRY_RUN } from './command.ts'

export const switchCommand: CommandSpec = {
  name: 'switch',
  summary: 'move all traffic to a colour that is ready',
  operands: 'blue|green',
  arity: [1, 1],
  flags: { ...DRY_RUN },
  examples: ['./ecomweb switch green', './ecomweb switch blue --json'],
  async run(context, _values, [colour]) {
    if (!isColour(colour)) {
      throw new KitError(`"${colour}" is no colour`, {
        next: './ecomweb switch blue|green',
        code: EXIT.usage,
      })
    }
    await move(context, (stack) => planSwitch(stack, colour))
  },
}

export const rollbackCommand: CommandSpec = {
  name: 'rollback',
  undoesOnInterrupt: true,
  summary: 'bring the release before back, or a recorded one: API, workers and cron together',
  operands: '[RELEASE]',
  arity: [0, 1],
  flags: { ...DRY_RUN },
  examples: [
    './ecomweb rollback                   to the other colour, which is still warm: under a second for users',
    './ecomweb rollback 20261122-060503   to a recorded release (./ecomweb history lists them)',
    './ecomweb rollback --dry-run',
  ],
  run: (context, _values, [release]) =>
    move(context, (stack) => (release ? planRollbackTo(stack, release) : planWarmRollback(stack))),
}

/** What a switch would do; undefined when the colour serves already. */
async function planSwitch(stack: StackContext, to: Colour): Promise<Plan | undefined> {
  const { world, env } = stack
  const [file, running] = [await readRoutesFile(world), await readRunningRoutes(world)]
  if (running.active === to && sameRoutes(file, running)) return undefined
  const image = env[imageVariable(to)]
  const common = { command: 'switch' as const, image, reference: image }
  const plan = { ...basics(stack, await readJournal(world.disk), running.active, to), ...common }
  return { ...plan, workers: await planWorkers(stack, plan) }
}

async function move(
  context: Context,
  make: (stack: StackContext) => Promise<Plan | undefined>,
): Promise<void> {
  const { now } = context.world.clock
  const start = now()
  const stack = await openStack(context)
  await refuseUnfinished(stack)
  const plan = await make(stack)
  if (!plan) {
    const { active } = await readRunningRoutes(stack.world)
    stack.emit({ ok: true, changed: false, from: active, to: active, commit_ms: 0, wall_ms: 0 })
    stack.print(`${active} is already active; nothing to do`)
    return
  }
  const outcome = await conduct(stack, plan)
  report(stack, plan, outcome, start, now())
}

function report(
  { emit, print, world }: StackContext,
  plan: Plan,
  outcome: Outcome,
  start: number,
  end: number,
): void {
  if (outcome.error !== undefined) throw outcome.error
  if (world.runner.dry) {
    print('nothing was changed')
    return
  }
  const { from, to } = plan
  const { at = end, commitMs = 0 } = outcome.moved ?? {}
  const [commit_ms, moved_ms, wall_ms] = [commitMs, at - start, end - start].map(round)
  emit({ ok: true, changed: true, id: plan.id, from, to, commit_ms, moved_ms, wall_ms })
  print(
    `${from} → ${to} in ${moved_ms} ms (HAProxy's commit ${commit_ms} ms), all done after ${seconds(end - start)}`,
  )
}

const round = (ms: number): number => Math.round(ms * 10) / 10
