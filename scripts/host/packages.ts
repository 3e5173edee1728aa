import { KitError } from '../errors.ts'
import type { Clock } from '../ports.ts'
import { CommandFailed, type Runner } from '../run.ts'
import { poll, systemClock } from '../stack/wait.ts'
import { aptInstall } from './install.ts'

/** A new host installs its updates for some minutes. */
const PATIENCE_MS = 10 * 60_000
const AGAIN_MS = 2000

/**
 * Installs packages of the host's own distribution. Waits while another program has apt's locks, as the daily job of a
 * new host does: apt itself waits for dpkg's alone, and only where it is told to. Errors: apt's own; a lock that is held
 * for longer than ten minutes.
 */
export async function installPackages(
  runner: Runner,
  packages: string[],
  detail: (text: string) => void,
  clock: Pick<Clock, 'now' | 'sleep'> = systemClock,
): Promise<void> {
  for (const command of aptInstall(packages)) {
    // What it says is read below, in English.
    const plain = { ...command, env: { ...command.env, LC_ALL: 'C' } }
    let held = ''
    const once = async () => {
      const ended = await runner.run(plain, { check: false, stream: detail })
      held = /Could not get lock .*/.exec(ended.stderr)?.[0] ?? ''
      if (ended.code === 0 || held === '') return ended
      detail(`waiting for another program that installs: ${held}`)
    }
    const ended = await poll(once, { timeoutMs: PATIENCE_MS, intervalMs: AGAIN_MS, clock })
    if (!ended) {
      throw new KitError('another program has been installing packages for ten minutes', {
        why: held,
        next: 'wait until it ends, then type the same command again',
      })
    }
    if (ended.code !== 0) throw new CommandFailed(command, ended)
  }
}
