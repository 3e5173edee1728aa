import { KitError } from '../errors.ts'
import { type Command, display } from '../run.ts'
import { daemonCommand, LOG_FILE, RETIRE, systemdCommands } from './daemon.ts'
import { ENGINE_ROOT, type HostFacts } from './facts.ts'
import { aptInstall, daemonOf, downloadCommands, linkCommands } from './install.ts'
import { readMirror } from './mirror.ts'
import type { EnginePlan } from './plan.ts'

/** What `--no-install` answers: why Docker does not do, and the commands that would be run without it. */
export function refusal(plan: EnginePlan, facts: HostFacts, mirror = readMirror): KitError {
  const folder = `${ENGINE_ROOT}/manual`
  const dockerd = plan.install ? daemonOf(folder) : facts.dockerd?.path
  const commands = [
    ...(plan.retire ? [RETIRE] : []),
    ...(plan.install && facts.lacking.length > 0 ? aptInstall(facts.lacking) : []),
    ...(plan.install ? downloadCommands(`${ENGINE_ROOT}/.work`, folder, mirror()) : []),
    ...(plan.links.length > 0 ? linkCommands(plan.links, folder, facts.compose?.path) : []),
    ...(plan.start && dockerd && facts.systemd ? systemdCommands(dockerd) : []),
  ].map(typed)
  if (plan.start && dockerd && !facts.systemd) {
    commands.push(`${display(daemonCommand(dockerd))} >>${LOG_FILE} 2>&1 </dev/null &`)
  }
  return new KitError('Docker is incomplete, and --no-install forbids changing that', {
    why: plan.reasons.join('; '),
    next: ['run it again without --no-install, or type:', ...commands].join('\n'),
  })
}

const typed = (command: Command): string =>
  command.cwd ? `(cd ${command.cwd} && ${display(command)})` : display(command)
