import type { StackContext } from '../context.ts'
import { type Container, inspectContainers, parseContainers } from '../docker/containers.ts'
import type { Command, Runner } from '../run.ts'
import { apiService, type Colour, imageVariable, other } from '../stack/colours.ts'

/** Marks what a verification starts; its value is the pid of the command, so that leftovers can be told. */
const LABEL = 'ecomweb.verify'

export const trialName = (project: string): string => `${project}_verify_${process.pid}`

/**
 * Starts the API role of an image as Compose would start a colour, hardened and limited alike, but without a
 * published port, without an alias that HAProxy knows, and without migrating: the database is the one in use.
 */
export function startTrial(name: string, image: string, active: Colour): Command {
  const idle = other(active)
  const changed = { MIGRATE_COMMAND: 'true', MIGRATE_DATABASE_URL: '' }
  return {
    file: 'docker',
    args: [
      ...['compose', '--ansi', 'never', 'run', '--detach', '--no-deps', '--no-TTY', '--quiet-pull'],
      ...[`--name=${name}`, `--label=${LABEL}=${process.pid}`],
      ...Object.entries(changed).map(([key, value]) => `--env=${key}=${value}`),
      apiService(idle),
    ],
    env: { [imageVariable(idle)]: image },
  }
}

export const remove = (names: string[]): Command => ({
  file: 'docker',
  args: ['rm', '--force', '--volumes', ...names],
})

/** Uses the container's own grace period, which is Compose's stop_grace_period. */
export const stopTrial = (name: string): Command => ({ file: 'docker', args: ['stop', name] })

const list: Command = {
  file: 'docker',
  args: ['ps', '--all', `--filter=label=${LABEL}`, `--format={{.Names}} {{.Label "${LABEL}"}}`],
}

/** Removes what a verification left that was killed; those that still run are spared. */
export async function removeLeftovers({ read, runner }: StackContext['world']): Promise<void> {
  const { stdout } = await read.run(list)
  const dead = stdout
    .split('\n')
    .map((line) => line.split(' '))
    .flatMap(([name, pid]) => (name && pid && !isAlive(Number(pid)) ? [name] : []))
  if (dead.length > 0) await runner.run(remove(dead), { check: false })
}

export async function inspectTrial(read: Runner, name: string): Promise<Container | undefined> {
  const { stdout } = await read.run(inspectContainers([name]), { check: false })
  return parseContainers(stdout.trim() || '[]')[0]
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
}
