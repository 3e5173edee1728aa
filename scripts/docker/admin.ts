import type { Command } from '../run.ts'

/** How the shell says that the image has no ADMIN_COMMAND: 0 to 2 and 125 to 127 have other meanings. */
export const NO_ADMIN_COMMAND = 3

const RUN = `[ -n "$ADMIN_COMMAND" ] || exit ${NO_ADMIN_COMMAND}; exec $ADMIN_COMMAND "$@"`

/** Runs the image's ADMIN_COMMAND in a container; `input` goes to its standard input, where nobody else sees it. */
export const adminIn = (container: string, args: string[], input: string): Command => ({
  file: 'docker',
  args: ['exec', '--interactive', container, 'bash', '-c', RUN, 'admin', ...args],
  input,
})
