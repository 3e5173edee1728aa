import { type Context, openStack } from '../context.ts'
import { openJournal, silentJournal } from '../deploy/journal.ts'
import { EXIT, KitError } from '../errors.ts'
import { isColour, other } from '../stack/colours.ts'
import { activeColour, switchTo } from '../stack/switch.ts'
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
    await move(context, 'switch', () => colour)
  },
}

export const rollbackCommand: CommandSpec = {
  name: 'rollback',
  summary: 'move all traffic back to the other colour, which is still warm',
  flags: { ...DRY_RUN },
  examples: ['./ecomweb rollback', './ecomweb rollback --dry-run'],
  run: (context) => move(context, 'rollback', async () => other(await activeColour(context.root))),
}

type Target = () => 'blue' | 'green' | Promise<'blue' | 'green'>

async function move(context: Context, command: 'switch' | 'rollback', target: Target): Promise<void> {
  const start = performance.now()
  const stack = openStack(context)
  const to = await target()
  const journal = stack.world.runner.dry ? silentJournal : openJournal(stack.root, command)
  journal.write({ event: 'begin', to })
  const switched = await switchTo(stack, to)
  journal.write({
    event: 'end',
    result: switched.changed ? 'switched' : 'unchanged',
    from: switched.from,
    to,
  })
  const wallMs = performance.now() - start
  const { from, changed, commitMs } = switched
  stack.emit({ ok: true, changed, from, to, commit_ms: round(commitMs), wall_ms: round(wallMs) })
  if (!changed) stack.print(`${to} is already active; nothing to do`)
  else stack.print(`${from} → ${to} in ${wallMs.toFixed(0)} ms (HAProxy's commit ${commitMs.toFixed(1)} ms)`)
}

const round = (ms: number): number => Math.round(ms * 10) / 10
