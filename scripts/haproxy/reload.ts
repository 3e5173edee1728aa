import type { StackContext } from '../context.ts'
import type { Step } from '../deploy/steps.ts'
import { execIn } from '../docker/containers.ts'
import { KitError } from '../errors.ts'
import type { Command } from '../run.ts'
import type { World } from '../world.ts'

export const CONFIGURATION = 'haproxy/haproxy.cfg'

/** A file that is only almost right is refused (`-dW`); in the file itself, that would refuse every reload too. */
export const CHECK = ['haproxy', '-c', '-dW', '-f', '/usr/local/etc/haproxy/haproxy.cfg']

/** Checks the configuration with the HAProxy that runs. */
export const checkConfiguration = (name: string): Command => execIn(`${name}_haproxy`, CHECK)

/** SIGUSR2 makes the master start new workers and let the old ones finish (management.txt, section 4). */
const signalReload = (name: string): Command => ({
  file: 'docker',
  args: ['kill', '--signal', 'USR2', `${name}_haproxy`],
})

/** A checked reload: a configuration that HAProxy refuses never reaches it. */
export async function reloadChecked({ world, env }: StackContext): Promise<void> {
  const checked = await world.read.run(checkConfiguration(env.ECOMWEB_NAME), { check: false })
  if (checked.code !== 0) {
    throw new KitError('HAProxy refuses haproxy/haproxy.cfg, so it was not reloaded', {
      why: checked.stderr.trim(),
      next: 'mend the line that it names, then run the command again',
    })
  }
  await reload(world, env.ECOMWEB_NAME)
}

export const reloadEdge = (context: StackContext): Step => ({
  id: 'edge',
  title: 'reload HAProxy with the new configuration',
  run: () => reloadChecked(context),
})

async function reload(world: World, name: string): Promise<void> {
  const before = processId(await world.edge.ask('show info'))
  await world.runner.run(signalReload(name))
  // Until the new process listens, the socket answers from the old one or not at all.
  const look = async () =>
    world.edge.ask('show info').then(
      (text) => processId(text) !== before || undefined,
      () => undefined,
    )
  await world.until('HAProxy runs with the new configuration', look, { timeoutMs: 15_000, assume: true })
}

const processId = (info: string): string | undefined => /^Pid: (\d+)$/m.exec(info)?.[1]
