import { type Context, openStack, type StackContext } from '../context.ts'
import { findImage } from '../docker/application-image.ts'
import { containersOf } from '../docker/containers.ts'
import { EXIT } from '../errors.ts'
import { readRunningRoutes } from '../haproxy/routes.ts'
import type { Colour } from '../stack/colours.ts'
import { trialName } from '../verify/container.ts'
import { inspectContract } from '../verify/inside.ts'
import { type Point, unknown } from '../verify/point.ts'
import { formatPoint } from '../verify/report.ts'
import { tryOut } from '../verify/trial.ts'
import type { CommandSpec } from './command.ts'

export const verifyCommand: CommandSpec = {
  name: 'verify',
  undoesOnInterrupt: true,
  summary: 'check an image against the image contract, point by point',
  operands: 'IMAGE',
  arity: [1, 1],
  flags: {
    static: { type: 'boolean', help: 'look inside the image only; do not run the application' },
    stream: { type: 'string', value: 'PATH', help: 'an address that answers with an event stream' },
  },
  examples: [
    './ecomweb verify registry.example.com/shop:2.1.0',
    './ecomweb verify shop:2.1.0 --static             needs no running stack',
    './ecomweb verify shop:2.1.0 --stream /api/feed',
  ],
  async run(context, values, [reference = '']) {
    const points: Point[] = []
    const report = (point: Point) => {
      points.push(point)
      context.print(formatPoint(point))
    }
    const image = await findImage(context.world.read, reference)
    const up = values.static ? 'only looked at' : await findStack(context)
    const name = trialName(typeof up === 'string' ? 'ecomweb' : up.stack.env.ECOMWEB_NAME)
    for (const point of await inspectContract(context.world.read, image, name)) report(point)
    if (typeof up !== 'string' && points.every(({ verdict }) => verdict === 'ok')) {
      await tryOut({ ...up, image, streamPath: String(values.stream ?? '/api/orders/events') }, report)
    } else if (!values.static) {
      const broken = 'what is missing above would keep it from starting'
      report(
        typeof up === 'string' ? unknown('run', 'runs', up, './ecomweb up') : unknown('run', 'runs', broken),
      )
    }
    const count = (verdict: Point['verdict']) => points.filter((point) => point.verdict === verdict).length
    const [failures, open] = [count('failed'), count('unknown')]
    context.emit({ ok: failures === 0, image: image.id, points })
    const kept = open > 0 ? `kept as far as it could be judged; ${open} open` : 'kept'
    context.print(
      failures === 0 ? `\nthe contract is ${kept}` : `\n${failures} to mend before it can be deployed`,
    )
    if (failures > 0) process.exitCode = EXIT.failed
  },
}

/** The stack of this folder, when its API, and with it everything that it needs, is up; else why not. */
async function findStack(context: Context): Promise<{ stack: StackContext; active: Colour } | string> {
  try {
    const stack = await openStack(context)
    const containers = await containersOf(context.world.read, stack.env.ECOMWEB_NAME)
    const serves = containers.some(({ service, running }) => service.startsWith('ecomweb_api_') && running)
    if (!serves) return 'no stack is up here to run it in'
    return { stack, active: (await readRunningRoutes(stack.world)).active }
  } catch (error) {
    return (error as Error).message
  }
}
