import { createInterface } from 'node:readline/promises'
import type { StackContext } from '../context.ts'
import { EXIT, KitError } from '../errors.ts'

/**
 * Asks a person whether to go on, unless `--yes` was given or nothing would happen anyway.
 * Errors: no, or nobody is there to be asked.
 */
export async function confirm(
  { world }: Pick<StackContext, 'world'>,
  yes: boolean,
  otherwise: string,
): Promise<void> {
  if (yes || world.runner.dry) return
  if (!process.stdin.isTTY) {
    throw new KitError(otherwise, {
      why: 'nobody can be asked here: standard input is no terminal',
      next: 'the same command with --yes',
      code: EXIT.usage,
    })
  }
  const prompt = createInterface({ input: process.stdin, output: process.stderr })
  const answer = await prompt.question('  go on? [y/N] ')
  prompt.close()
  if (/^y(es)?$/i.test(answer.trim())) return
  throw new KitError(otherwise, { why: 'not confirmed', next: 'the same command with --yes' })
}
