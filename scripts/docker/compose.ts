import type { Command } from '../run.ts'

/** Argument arrays for `docker compose`; nothing here executes. Compose itself reads `.env` in the root. */
const compose = (...args: string[]): Command => ({
  file: 'docker',
  args: ['compose', '--ansi', 'never', ...args],
})

/**
 * Creates or updates services. `dependencies: false` touches nothing but them; `recreate: false` starts what is
 * missing and leaves every existing container as it is.
 */
export const composeUp = (
  services: string[] = [],
  options: { dependencies?: boolean; recreate?: 'always' | 'never' } = {},
): Command =>
  compose(
    'up',
    '-d',
    '--quiet-pull',
    ...(options.dependencies === false ? ['--no-deps'] : []),
    ...(options.recreate === 'never' ? ['--no-recreate'] : []),
    ...(options.recreate === 'always' ? ['--force-recreate'] : []),
    ...services,
  )

export const composeDown = (options: { volumes?: boolean } = {}): Command =>
  compose('down', '--remove-orphans', ...(options.volumes ? ['--volumes'] : []))

export const composeLogs = (services: string[], options: { follow?: boolean; tail?: string } = {}): Command =>
  compose('logs', ...(options.follow ? ['--follow'] : []), '--tail', options.tail ?? '200', ...services)

/** Checks the Compose file and every variable that it needs. */
export const composeCheck = (): Command => compose('config', '--quiet')

/** Runs one command in a throw-away container of a service, with this image variable for it alone. */
export const composeRunOnce = (service: string, env: Record<string, string>, command: string[]): Command => ({
  ...compose('run', '--rm', '--no-deps', '--no-TTY', '--quiet-pull', service, ...command),
  env,
})
