import type { StackContext } from '../context.ts'
import type { Step } from '../deploy/steps.ts'
import { composeRunOnce } from '../docker/compose.ts'
import { KitError } from '../errors.ts'
import { CommandFailed } from '../run.ts'
import { apiService, imageVariable } from '../stack/colours.ts'
import type { Release } from './release.ts'

type Where = Pick<Release, 'idle' | 'image'>

async function runOnce(
  { world }: StackContext,
  { idle, image }: Where,
  words: string[],
  told: { detail: (text: string) => void; what: string; next: string },
): Promise<void> {
  const command = composeRunOnce(apiService(idle), { [imageVariable(idle)]: image }, words)
  const ended = await world.runner.run(command, { stream: told.detail, check: false })
  if (ended.code === 0) return
  throw new KitError(told.what, {
    why: `${ended.stdout}${ended.stderr}`.trim().split('\n').slice(-15).join('\n'),
    next: told.next,
    cause: new CommandFailed(command, ended),
  })
}

/** Applies the contract migrations of an image from a throw-away container. There is no way back. */
export const applyContract = (stack: StackContext, where: Where): Step => ({
  id: 'contract',
  title: 'apply contract migrations',
  run: (detail) =>
    runOnce(stack, where, ['bash', '-c', 'exec $MIGRATE_COMMAND --contract'], {
      detail,
      what: 'the contract migrations could not be applied',
      next: './ecomweb migrate status',
    }),
})

export type Resolution = 'rolled-back' | 'applied'

/** Tells Prisma, in a throw-away container of the image, what became of a failed migration. */
export const resolveMigration = (stack: StackContext, where: Where, name: string, as: Resolution): Step => ({
  id: 'resolve',
  title: `mark ${name} as ${as}`,
  run: (detail) =>
    runOnce(stack, where, ['npx', 'prisma', 'migrate', 'resolve', `--${as}`, name], {
      detail,
      what: `${name} could not be marked as ${as}`,
      next: './ecomweb migrate status',
    }),
})
