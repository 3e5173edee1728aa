import { createInterface } from 'node:readline/promises'
import { openStack, type StackContext } from '../context.ts'
import { moveBackground } from '../deploy/background.ts'
import { gate, migrate, moveTraffic, startIdle } from '../deploy/colour.ts'
import { drainOld } from '../deploy/drain.ts'
import { openJournal, silentJournal } from '../deploy/journal.ts'
import { runSteps } from '../deploy/steps.ts'
import {
  type ApplicationImage,
  findImage,
  keepImage,
  missingFromContract,
  shortId,
} from '../docker/application-image.ts'
import { composeCheck } from '../docker/compose.ts'
import { EXIT, KitError } from '../errors.ts'
import { buildApp } from '../images/app.ts'
import { seconds } from '../output/progress.ts'
import { type Colour, other } from '../stack/colours.ts'
import { activeColour } from '../stack/switch.ts'
import { type CommandSpec, DRY_RUN } from './command.ts'

export const deployCommand: CommandSpec = {
  name: 'deploy',
  undoesOnInterrupt: true,
  summary: 'bring a new version live with nothing lost',
  operands: '[IMAGE]',
  arity: [0, 1],
  flags: { yes: { type: 'boolean', help: 'do not ask for confirmation' }, ...DRY_RUN },
  examples: [
    './ecomweb deploy                                   build the working tree and deploy it',
    './ecomweb deploy registry.example.com/shop:2.1.0   deploy an image',
    './ecomweb deploy shop:2.1.0 --dry-run              print the steps only',
  ],
  async run(context, values, [reference]) {
    const start = performance.now()
    const stack = openStack(context)
    const { world, progress, root } = stack

    await progress.step('check the stack', () => world.read.run(composeCheck()))
    const live = await activeColour(root)
    const idle = other(live)
    if (!reference) await buildApp({ runner: world.runner, progress, tag: LOCAL_IMAGE, context: root })
    const image = await progress.step('find the image', (detail) =>
      imageToDeploy(stack, reference ?? LOCAL_IMAGE, detail),
    )
    showPlan(stack, live, idle, image)
    await confirm(stack, Boolean(values.yes))

    let commitMs = 0
    const journal = world.runner.dry ? silentJournal : openJournal(root, 'deploy')
    journal.write({ event: 'begin', image: image.id, reference: image.reference, from: live, to: idle })
    const steps = [
      migrate(stack, idle, image.id),
      startIdle(stack, idle, image.id),
      gate(stack, idle, image.id),
      moveTraffic(stack, idle, live, (ms) => {
        commitMs = ms
      }),
      moveBackground(stack, image.id),
      drainOld(stack, live),
    ]
    try {
      await runSteps(steps, journal, progress, stack.interrupted)
    } catch (error) {
      journal.write({ event: 'end', result: 'failed' })
      stack.emit({ result: 'failed', active: live, image: image.id, ms: elapsed(start) })
      stack.print(`not deployed: ${live} serves, as before`)
      throw error
    }
    journal.write({ event: 'end', result: 'deployed', colour: idle, image: image.id })
    if (world.runner.dry) return stack.print('nothing was changed')
    stack.emit({ result: 'deployed', colour: idle, image: image.id, commit_ms: commitMs, ms: elapsed(start) })
    stack.print(`${idle} serves ${shortId(image.id)} after ${seconds(elapsed(start))}; ${live} stays warm`)
    stack.print('next: ./ecomweb status, or ./ecomweb rollback to go back')
  },
}

const elapsed = (start: number): number => Math.round(performance.now() - start)

/** What `./ecomweb deploy` without an image builds. */
const LOCAL_IMAGE = 'ecomweb/app:local'

/** The image by its id, kept by a tag of the kit's own. */
async function imageToDeploy(
  { world, env }: StackContext,
  reference: string,
  detail: (text: string) => void,
): Promise<ApplicationImage> {
  const image = await findImage(world.read, reference)
  const missing = missingFromContract(image)
  if (missing.length > 0) {
    throw new KitError(`image ${reference} does not keep the image contract`, {
      why: `it declares no ${missing.join(', no ')}`,
      next: 'set them with ENV in its Dockerfile (DEPLOYMENT.md, "The image contract")',
    })
  }
  await world.runner.run(keepImage(env.ECOMWEB_NAME, image.id))
  detail(shortId(image.id))
  return image
}

function showPlan({ print, env }: StackContext, live: Colour, idle: Colour, image: ApplicationImage): void {
  const before = live === 'blue' ? env.API_BLUE_IMAGE : env.API_GREEN_IMAGE
  print(
    `  ${live} serves ${shortId(before)}; ${idle} gets ${shortId(image.id)} (${image.reference}), then all traffic`,
  )
}

async function confirm({ world }: StackContext, yes: boolean): Promise<void> {
  if (yes || world.runner.dry || !process.stdin.isTTY) return
  const prompt = createInterface({ input: process.stdin, output: process.stderr })
  const answer = await prompt.question('  go on? [y/N] ')
  prompt.close()
  if (/^y(es)?$/i.test(answer.trim())) return
  throw new KitError('nothing was deployed', {
    why: 'not confirmed',
    next: './ecomweb deploy --yes',
    code: EXIT.failed,
  })
}
