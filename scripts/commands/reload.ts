import { openStack } from '../context.ts'
import { reloadEdge } from '../haproxy/reload.ts'
import { type CommandSpec, DRY_RUN } from './command.ts'

export const reloadCommand: CommandSpec = {
  name: 'reload',
  summary: 'check haproxy/haproxy.cfg and let HAProxy take it over; no connection is lost',
  flags: { ...DRY_RUN },
  examples: ['./ecomweb reload', './ecomweb reload --dry-run'],
  async run(context) {
    const stack = await openStack(context)
    const step = reloadEdge(stack)
    await stack.progress.step(step.title, step.run)
    stack.emit({ ok: true })
  },
}
