import { openStack, type StackContext } from '../context.ts'
import { conduct } from '../deploy/conduct.ts'
import { type Outcome, refuseUnfinished } from '../deploy/engine.ts'
import { readJournal } from '../deploy/journal.ts'
import { imageToDeploy, planDeploy, type Wishes } from '../deploy/prepare.ts'
import { formatPlan } from '../deploy/show-plan.ts'
import { shortId } from '../docker/application-image.ts'
import { EXIT, KitError } from '../errors.ts'
import { durations } from '../history/durations.ts'
import { buildApp, LOCAL_IMAGE } from '../images/app.ts'
import { migrationsOfImage } from '../migrations/image.ts'
import { sayLeft } from '../migrations/left.ts'
import { refuseBreaking } from '../migrations/report.ts'
import { confirm } from '../output/confirm.ts'
import { seconds } from '../output/progress.ts'
import { formatFinding } from '../preflight/report.ts'
import { parseDuration } from '../settings/duration.ts'
import { parseWeights } from '../settings/kit-settings.ts'
import { other } from '../stack/colours.ts'
import { type CommandSpec, DRY_RUN, type Values } from './command.ts'

export const deployCommand: CommandSpec = {
  name: 'deploy',
  undoesOnInterrupt: true,
  summary: 'bring a new version live with nothing lost',
  operands: '[IMAGE]',
  arity: [0, 1],
  flags: {
    canary: { type: 'string', value: 'SHARES', help: 'shares of clients in %, e.g. 1,5,25,50; or none' },
    soak: {
      type: 'string',
      value: 'TIME',
      help: 'how long the new version is watched with all traffic, e.g. 5m',
    },
    'skip-replay': { type: 'boolean', help: 'do not replay running workflows before' },
    yes: { type: 'boolean', help: 'do not ask for confirmation' },
    ...DRY_RUN,
  },
  examples: [
    './ecomweb deploy                                   build the working tree and deploy it',
    './ecomweb deploy registry.example.com/shop:2.1.0   deploy an image',
    './ecomweb deploy shop:2.1.0 --canary 1,10,50 --soak 5m',
    './ecomweb deploy shop:2.1.0 --canary none --soak 0 at once',
    './ecomweb deploy shop:2.1.0 --dry-run              print the steps only',
  ],
  async run(context, values, [reference]) {
    const stack = await openStack(context)
    const { world, progress, root } = stack
    await refuseUnfinished(stack)
    const wishes = wishesOf(stack, values)

    if (!reference) await buildApp({ runner: world.runner, progress, tag: LOCAL_IMAGE, context: root })
    const image = await progress.step('find the image', (detail) =>
      imageToDeploy(stack, reference ?? LOCAL_IMAGE, detail),
    )
    // A container tells them, as others tell the preflight what it asks: together they take less time.
    const listed = migrationsOfImage(world.read, image.id)
    listed.catch(() => {}) // for the plan to say, unless something else stands against this deploy
    await preflight(stack, image.id)
    const { plan, findings } = await progress.step('plan', () => planDeploy(stack, image, wishes, listed))
    stack.print(formatPlan(stack, plan, findings, durations(await readJournal(world.disk))))
    stack.emit({ plan, findings })
    refuseBreaking(findings)
    await confirm(stack, Boolean(values.yes), 'nothing was deployed')
    report(stack, await conduct(stack, plan))
  },
}

/** Errors: something stands against this deploy; what is only a warning is a note. */
async function preflight(stack: StackContext, image: string): Promise<void> {
  const found = await stack.progress.step('preflight', () => stack.preflight(stack, image))
  for (const finding of found.filter(({ level }) => level === 'warn')) {
    stack.progress.note(formatFinding(finding))
  }
  const [first, ...rest] = found.filter(({ level }) => level === 'stop')
  if (!first) return
  throw new KitError(first.what, {
    why: [first.why, ...rest.map(({ what, next }) => `also: ${what}; ${next}`)].join('\n'),
    next: first.next,
  })
}

/** Flags over settings. */
function wishesOf({ settings }: StackContext, values: Values): Wishes {
  const soak = values.soak === undefined ? settings.soak : parseDuration(String(values.soak))
  if (soak === undefined) {
    throw new KitError(`--soak ${values.soak} is no duration`, {
      next: './ecomweb deploy --soak 5m   (500ms, 30s, 5m, 1h, or 0)',
      code: EXIT.usage,
    })
  }
  const canary = values.canary === undefined ? settings.canary : parseWeights(String(values.canary))
  return { canary, soak, skipReplay: values['skip-replay'] === true }
}

/** Says how it ended. Errors: what ended it, when it did not end as planned. */
export function report(stack: StackContext, outcome: Outcome): void {
  const { print, emit, world } = stack
  const { error, moved, ...facts } = outcome
  if (world.runner.dry) {
    print('nothing was changed')
    return
  }
  emit({ ...facts, colour: outcome.active, ...(moved ? { commit_ms: moved.commitMs } : {}) })
  const warm = other(outcome.active)
  if (outcome.error === undefined) {
    print(
      `${outcome.active} serves ${shortId(outcome.image)} after ${seconds(outcome.ms ?? 0)}; ${warm} stays warm`,
    )
    print('next: ./ecomweb status, or ./ecomweb rollback to go back')
    return
  }
  const serves = `${outcome.active} serves, as before`
  for (const line of outcome.changed ?? []) print(`  changed since the last good release: ${line}`)
  for (const line of sayLeft(outcome.migrations)) print(`  migrations: ${line}`)
  print(outcome.result === 'rolled-back' ? `rolled back: ${serves}` : `not deployed: ${serves}`)
  throw outcome.error
}
