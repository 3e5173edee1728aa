import { type Context, openStack, type StackContext } from '../context.ts'
import { conclude } from '../deploy/conduct.ts'
import { abort, type Outcome, resume } from '../deploy/engine.ts'
import { readJournal } from '../deploy/journal.ts'
import { planOf } from '../deploy/plan.ts'
import { inWords, type Unfinished, unfinished } from '../deploy/unfinished.ts'
import { EXIT } from '../errors.ts'
import { sayLeft } from '../migrations/left.ts'
import type { CommandSpec } from './command.ts'

export const resumeCommand: CommandSpec = {
  name: 'resume',
  undoesOnInterrupt: true,
  summary: 'go on with what a crash cut off, to the new release',
  examples: ['./ecomweb resume', './ecomweb resume --json'],
  run: (context) => recover(context, resume),
}

export const abortCommand: CommandSpec = {
  name: 'abort',
  summary: 'undo what a crash cut off, back to the release before it',
  examples: ['./ecomweb abort', './ecomweb abort --json'],
  run: (context) => recover(context, abort),
}

async function recover(
  context: Context,
  how: (stack: StackContext, left: Unfinished) => Promise<Outcome>,
): Promise<void> {
  const stack = await openStack(context)
  const left = unfinished(await readJournal(stack.world.disk))
  if (!left) {
    stack.emit({ result: 'nothing' })
    stack.print('nothing was cut off; nothing to do')
    return
  }
  stack.print(`  ${inWords(left)}`)
  const ended = await how(stack, left)
  await conclude(stack, planOf(left), ended)
  const { error, moved: _, ...outcome } = ended
  stack.emit({ ...outcome, colour: outcome.active, ...(error ? { error: (error as Error).message } : {}) })
  stack.print(`${outcome.command} ${outcome.id} ended: ${outcome.result}; ${outcome.active} serves`)
  for (const line of sayLeft(outcome.migrations)) stack.print(`  migrations: ${line}`)
  // Going back is what abort was asked for; a resume that had to go back did not do what it was asked for.
  if (error && how === resume) {
    stack.print(`it had failed: ${(error as Error).message}`)
    process.exitCode = EXIT.failed
  }
}
