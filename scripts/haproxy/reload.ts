import type { StackContext } from '../context.ts'
import type { Step } from '../deploy/steps.ts'
import { execIn } from '../docker/containers.ts'
import { KitError } from '../errors.ts'
import type { Ports } from '../ports.ts'
import type { Command } from '../run.ts'

export const CONFIGURATION = 'haproxy/haproxy.cfg'
const INSIDE = '/usr/local/etc/haproxy/haproxy.cfg'

/** Checks the configuration with the HAProxy that runs. */
export const checkConfiguration = (name: string): Command =>
  execIn(`${name}_haproxy`, ['haproxy', '-c', '-f', INSIDE])

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
  const before = await worker(world)
  await world.runner.run(signalReload(env.ECOMWEB_NAME))
  // Until the new workers listen, the socket answers from the old ones or not at all.
  const look = async () => {
    const now = await worker(world)
    const another = now && (now.pid !== before?.pid || now.uptime < before.uptime)
    return another ? true : undefined
  }
  await world.until('HAProxy runs with the new configuration', look, { timeoutMs: 15_000, assume: true })
}

export const reloadEdge = (context: StackContext): Step => ({
  id: 'edge',
  title: 'reload HAProxy with the new configuration',
  run: () => reloadChecked(context),
})

/** The worker that answers on the admin socket, if one does; its age is in seconds. */
async function worker({ edge }: Pick<Ports, 'edge'>): Promise<{ pid: string; uptime: number } | undefined> {
  const info = await edge.ask('show info').catch(() => '')
  const value = (name: string) => new RegExp(`^${name}: (\\d+)$`, 'm').exec(info)?.[1]
  const pid = value('Pid')
  return pid === undefined ? undefined : { pid, uptime: Number(value('Uptime_sec')) }
}
