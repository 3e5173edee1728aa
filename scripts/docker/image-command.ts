import type { Command } from '../run.ts'

/** The programs of an image that the kit calls, if the image declares them. */
export type ImageProgram = 'ADMIN_COMMAND' | 'CRON_COMMAND'

/** How the shell says that the image does not declare the program: 0 to 2 and 125 to 127 have other meanings. */
export const NOT_DECLARED = 3

/**
 * Runs a program of the image in a container that runs; `input` goes to its standard input, where nobody else sees it.
 */
export const imageCommand = (
  container: string,
  program: ImageProgram,
  args: string[],
  input = '',
): Command => {
  const run = `[ -n "$${program}" ] || exit ${NOT_DECLARED}; exec $${program} "$@"`
  return {
    file: 'docker',
    args: ['exec', '--interactive', container, 'bash', '-c', run, program.toLowerCase(), ...args],
    input,
  }
}
