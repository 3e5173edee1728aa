import { existsSync } from 'node:fs'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { folderLock, type Lock, noLock } from '../autoscale/lock.ts'
import { kindOf, lineOf } from '../autoscale/report.ts'
import { askBacklog, limitsOf, type Parts, type Round, type Rounds, round } from '../autoscale/rounds.ts'
import { scale, waitForWorkers, workersIn } from '../autoscale/scale.ts'
import { installUnit, removeUnit, unitName, unitText } from '../autoscale/unit.ts'
import { type Context, openStack, type StackContext } from '../context.ts'
import { containersOf } from '../docker/containers.ts'
import { EXIT, KitError } from '../errors.ts'
import type { CommandSpec } from './command.ts'

const UNIT_ACTIONS = ['print', 'install', 'remove']

export const autoscaleCommand: CommandSpec = {
  name: 'autoscale',
  untilInterrupted: true,
  summary: 'add and remove workers by what waits in their task queue, until Ctrl-C',
  flags: {
    once: { type: 'boolean', help: 'look and act once' },
    reset: {
      type: 'boolean',
      help: 'first bring a number set by hand, outside the limits, back within them',
    },
    unit: {
      type: 'string',
      value: 'ACTION',
      help: 'print, install or remove the systemd unit that runs it at every boot',
    },
    'dry-run': { type: 'boolean', help: 'look once and print what would be done, change nothing' },
  },
  examples: [
    './ecomweb autoscale                  limits: x-ecomweb.autoscale in docker-compose.yml',
    './ecomweb autoscale --once --json    one look, for programs',
    './ecomweb autoscale --dry-run',
    './ecomweb autoscale --unit install   as a service of this host; --unit print shows the file',
    '',
    'By hand: WORKER_REPLICAS in .env, or --scale of Compose, within the limits is where it goes on from;',
    'outside them it is left as it is until it is within, the limits change, or --reset. While a deploy runs',
    'nothing is changed; a deploy that begins while workers are stopped waits for that.',
  ],
  async run(context, values) {
    const stack = await openStack(context)
    if (values.unit !== undefined) return unit(stack, String(values.unit))
    const lock = stack.world.runner.dry ? noLock : folderLock(context.root, stack.world.runner)
    if (values.reset) await reset(stack, lock)
    const once = values.once === true || stack.world.runner.dry
    const parts: Parts = { lock, backlog: askBacklog, ...(once ? { settled: 1 } : {}) }
    if (once) finish(await show(context, { intervalMs: 0 }, parts, undefined))
    else await keepScaling(context, parts)
  },
}

/** Goes on until it is interrupted; `pause` ends early then. */
export async function keepScaling(
  context: Context,
  parts: Parts,
  pause: (ms: number) => Promise<unknown> = (ms) =>
    sleep(ms, undefined, { signal: context.interrupted }).catch(() => {}),
): Promise<void> {
  const rounds: Rounds = { intervalMs: 5000 }
  let said: string | undefined
  while (!context.interrupted.aborted) {
    const seen = await show(context, rounds, parts, said)
    if (seen.action !== 'unsettled') said = kindOf(seen)
    await pause(rounds.intervalMs)
  }
}

async function show(
  context: Context,
  rounds: Rounds,
  parts: Parts,
  said: string | undefined,
): Promise<Round> {
  const seen = await round(context, rounds, parts)
  context.emit(seen)
  const line = lineOf(seen, said)
  if (line) context.print(`${context.world.clock.date().toTimeString().slice(0, 8)}  ${line}`)
  return seen
}

/** The exit code of a single look. */
function finish({ action, reason, waits, ill }: Round): void {
  if (action === 'problem')
    throw new KitError('the workers stay as they are', { why: reason, next: './ecomweb status' })
  if (action === 'locked' || waits === 'a command is changing the stack') process.exitCode = EXIT.locked
  else if (waits === 'a deploy was cut off') process.exitCode = EXIT.unfinished
  else if (waits || ill) process.exitCode = EXIT.failed
}

/** Brings the number of workers within the limits. Errors: it cannot be changed now. */
export async function reset(stack: StackContext, lock: Lock): Promise<void> {
  const { world, env, progress } = stack
  const { min, max } = limitsOf(stack)
  const running = workersIn(await containersOf(world.read, env.ECOMWEB_NAME))
  const to = Math.min(Math.max(env.WORKER_REPLICAS, min), max)
  if (env.WORKER_REPLICAS === to && running === to) return
  await progress.step(`${to} ${to === 1 ? 'worker' : 'workers'}`, async () => {
    const outcome = await scale(stack, lock, { said: env.WORKER_REPLICAS, running }, to)
    if (outcome === 'done') return waitForWorkers(stack, to)
    throw new KitError('the number of workers was not changed', {
      why: outcome,
      next:
        outcome === 'a deploy was cut off'
          ? './ecomweb resume, or ./ecomweb abort'
          : 'the same command again',
      code: outcome === 'a deploy was cut off' ? EXIT.unfinished : EXIT.locked,
    })
  })
}

async function unit(
  { root, env, world, progress, print, emit }: StackContext,
  action: string,
): Promise<void> {
  if (!UNIT_ACTIONS.includes(action)) {
    throw new KitError(`there is no --unit ${action}`, {
      next: `./ecomweb autoscale --unit ${UNIT_ACTIONS.join('|')}`,
      code: EXIT.usage,
    })
  }
  const stack = env.ECOMWEB_NAME
  const cache = process.env.XDG_CACHE_HOME || join(homedir(), '.cache')
  const place = { stack, root, home: homedir(), cache, node: process.execPath }
  if (action === 'print') {
    print(unitText(place))
    return emit({ unit: unitName(stack), text: unitText(place) })
  }
  if (!world.runner.dry) requireSystemd()
  await progress.step(`${action} ${unitName(stack)}`, async () => {
    for (const command of action === 'install' ? installUnit(place) : removeUnit(stack)) {
      await world.runner.run(command)
    }
  })
  print(
    action === 'install'
      ? `journalctl -f -u ${unitName(stack)} shows what it decides`
      : 'nothing scales the workers now',
  )
  emit({ ok: true, unit: unitName(stack), action })
}

function requireSystemd(): void {
  const why = !existsSync('/run/systemd/system')
    ? 'this host does not run systemd'
    : process.getuid?.() === 0
      ? undefined
      : 'only root may install a service'
  if (!why) return
  throw new KitError('the unit was left as it is', {
    why,
    next: 'run ./ecomweb autoscale in the foreground, or as root on a host with systemd',
  })
}
