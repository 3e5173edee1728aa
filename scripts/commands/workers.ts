import { openStack, type StackContext } from '../context.ts'
import { refuseUnfinished } from '../deploy/engine.ts'
import { EXIT, KitError } from '../errors.ts'
import { parseDuration } from '../settings/duration.ts'
import { drain } from '../workers/drain.ts'
import { promoteByHand } from '../workers/promote.ts'
import { formatWorkers, lookAtWorkers } from '../workers/report.ts'
import { type CommandSpec, DRY_RUN, type Values } from './command.ts'

type Verb = (stack: StackContext, values: Values, version: string | undefined) => Promise<void>

const VERBS: Record<string, Verb> = {
  async status(stack) {
    const workers = await lookAtWorkers(stack)
    stack.emit(workers)
    stack.print(formatWorkers(workers))
  },
  async drain(stack, values) {
    await refuseUnfinished(stack)
    const { timeout } = values
    const timeoutMs = timeout === undefined ? undefined : parseDuration(String(timeout))
    if (timeout !== undefined && timeoutMs === undefined) throw wrong(`--timeout ${timeout} is no duration`)
    const drained = await drain(stack, {
      ...(timeoutMs === undefined ? {} : { timeoutMs }),
      skipReplay: values['skip-replay'] === true,
    })
    stack.emit({ ok: true, ...drained })
    stack.print(
      drained.changed
        ? `ecomweb_worker_previous has ended, ${drained.released} workflows were handed over`
        : 'ecomweb_worker_previous runs nothing; nothing to do',
    )
  },
  async promote(stack, _values, version) {
    await refuseUnfinished(stack)
    const { changed, from, to } = await promoteByHand(stack, version)
    stack.emit({ ok: true, changed, from, to })
    stack.print(changed ? `${from || 'none'} → ${to || 'none'}` : `${to || 'none'} is current already`)
  },
}

export const workersCommand: CommandSpec = {
  name: 'workers',
  summary: 'show the workers and their versions, end the version before, make a version current',
  operands: 'status|drain|promote [BUILD_ID|RELEASE]',
  arity: [1, 2],
  flags: {
    timeout: {
      type: 'string',
      value: 'TIME',
      help: 'with drain: hand over what still runs after this, e.g. 10m; without it, wait',
    },
    'skip-replay': { type: 'boolean', help: 'with drain: do not replay what is handed over' },
    ...DRY_RUN,
  },
  examples: [
    './ecomweb workers status                     versions, who works for them, what waits and what runs',
    './ecomweb workers drain                      wait until nothing runs on the version before, then end its workers',
    './ecomweb workers drain --timeout 10m        after that, hand the rest to the release that serves, if it can go on',
    './ecomweb workers promote                    make the version of the release that serves current',
    './ecomweb workers promote 20261122-060503    that of a recorded release, or by its build id',
  ],
  async run(context, values, [name = '', version]) {
    const verb = VERBS[name]
    if (!verb) throw wrong(`there is no "workers ${name}"`)
    const misplaced =
      (version !== undefined && name !== 'promote') ||
      ((values.timeout !== undefined || values['skip-replay']) && name !== 'drain')
    if (misplaced) throw wrong(`this is no way to use \`workers ${name}\``)
    await verb(await openStack(context), values, version)
  },
}

const wrong = (what: string): KitError =>
  new KitError(what, { next: './ecomweb workers --help', code: EXIT.usage })
