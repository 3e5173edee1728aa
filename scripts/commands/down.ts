import { openStack } from '../context.ts'
import { composeDown } from '../docker/compose.ts'
import { type CommandSpec, DRY_RUN } from './command.ts'

export const downCommand: CommandSpec = {
  name: 'down',
  summary: 'stop the stack; data, settings and the active colour are kept',
  flags: { volumes: { type: 'boolean', help: 'also delete the data: database, Redis, uploads' }, ...DRY_RUN },
  examples: ['./ecomweb down', './ecomweb down --volumes   everything, data included'],
  async run(context, values) {
    const { world, progress, print } = await openStack(context)
    await progress.step('stop all containers', (detail) =>
      world.runner.run(composeDown({ volumes: values.volumes === true }), { stream: detail }),
    )
    print('next: ./ecomweb up')
  },
}
