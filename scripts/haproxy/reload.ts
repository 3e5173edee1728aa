import type { StackContext } from '../context.ts'
import type { Step } from '../deploy/steps.ts'
import { execIn } from '../docker/containers.ts'
import { KitError } from '../errors.ts'
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
export function reloadEdge({ world, env }: StackContext): Step {
  const reload = async () => {
    await world.runner.run(signalReload(env.ECOMWEB_NAME))
    // Until the new workers listen, the socket answers from the old ones or not at all.
    const look = async () =>
      world.edge.ask('show info').then(
        (text) => uptime(text) < 5 || undefined,
        () => undefined,
      )
    await world.until('HAProxy runs with the new configuration', look, { timeoutMs: 15_000, assume: true })
  }
  return {
    id: 'edge',
    title: 'reload HAProxy with the new configuration',
    async run() {
      const checked = await world.read.run(checkConfiguration(env.ECOMWEB_NAME), { check: false })
      if (checked.code !== 0) {
        throw new KitError('HAProxy refuses haproxy/haproxy.cfg, so it was not reloaded', {
          why: checked.stderr.trim(),
          next: 'mend the line that it names, then run the command again',
        })
      }
      await reload()
    },
  }
}

const uptime = (info: string): number =>
  Number(/^Uptime_sec: (\d+)$/m.exec(info)?.[1] ?? Number.POSITIVE_INFINITY)
