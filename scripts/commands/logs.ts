import { openStack } from '../context.ts'
import { composeLogs } from '../docker/compose.ts'
import type { CommandSpec } from './command.ts'

export const logsCommand: CommandSpec = {
  name: 'logs',
  summary: 'show what services print',
  operands: '[SERVICE…]',
  arity: [0, 20],
  flags: {
    follow: { type: 'boolean', help: 'go on printing until Ctrl-C' },
    tail: { type: 'string', value: 'LINES', help: 'lines of each service to begin with (default 200)' },
  },
  examples: ['./ecomweb logs ecomweb_api_blue', './ecomweb logs --follow ecomweb_worker ecomweb_cron'],
  async run(context, values, services) {
    const { world } = await openStack(context)
    const options = { follow: values.follow === true, ...(values.tail ? { tail: String(values.tail) } : {}) }
    await world.read.run(composeLogs(services, options), { stream: 'inherit' })
  },
}
