import { rmSync } from 'node:fs'
import { KitError } from '../errors.ts'
import type { Progress } from '../output/progress.ts'
import { type Command, execRunner, type Runner } from '../run.ts'
import { RETIRE, startEngine } from './daemon.ts'
import { ENGINE_ROOT, type HostFacts, readHost } from './facts.ts'
import { daemonOf, downloadCommands, engineFolder, linkCommands } from './install.ts'
import { readMirror } from './mirror.ts'
import { installPackages } from './packages.ts'
import { planEngine } from './plan.ts'
import { refusal } from './refusal.ts'
import { upstreamVersion } from './version.ts'

type Options = {
  runner: Runner
  progress: Progress
  install: boolean
  /** How the host is looked at; given by tests. */
  look?: (reader: Runner) => Promise<HostFacts>
}

/**
 * Makes sure that Docker Engine 25 or newer answers, with Compose v2 and buildx, and `docker-compose` on PATH.
 * Changes nothing when that is so already; with `install: false` never, but says what to type.
 */
export async function ensureEngine({ runner, progress, install, look = readHost }: Options): Promise<string> {
  // A dry run reads the host as it is and prints only what would change it.
  const facts = await look(runner.dry ? execRunner() : runner)
  const plan = planEngine(facts)
  if (plan.reasons.length === 0) {
    const version = upstreamVersion(facts.server?.version ?? '')
    progress.note(`Docker Engine ${version} is already running`)
    return version
  }
  if (!install) throw refusal(plan, facts)
  progress.note(`Docker: ${plan.reasons.join('; ')}`)
  if (plan.retire) await progress.step('stop the older, unused engine', () => runner.run(RETIRE))
  const folder = plan.install ? await installEngine(runner, progress, facts) : ''
  if (plan.links.length > 0) {
    await progress.step(`link ${plan.links.join(', ')}`, () =>
      runAll(runner, linkCommands(plan.links, folder, facts.compose?.path)),
    )
  }
  const dockerd = plan.install ? daemonOf(folder) : facts.dockerd?.path
  if (plan.start && dockerd) {
    const { systemd } = facts
    await progress.step(`start ${dockerd}`, (detail) => startEngine(runner, { dockerd, systemd }, detail))
  }
  return runner.dry ? '' : prove(await look(runner))
}

/** Downloads, unpacks, tries and only then moves into place: a failure half way leaves nothing behind. */
async function installEngine(runner: Runner, progress: Progress, { lacking }: HostFacts): Promise<string> {
  const mirror = readMirror()
  const work = `${ENGINE_ROOT}/.work`
  const unpacked = `${work}/root`
  return progress.step(`install Docker Engine in ${ENGINE_ROOT}`, async (detail) => {
    try {
      if (lacking.length > 0) {
        detail(`installing ${lacking.join(' and ')}`)
        await installPackages(runner, lacking, detail)
      }
      detail('downloading it from Debian')
      await runAll(runner, downloadCommands(work, unpacked, mirror))
      const { stdout } = await runner.run({ file: daemonOf(unpacked), args: ['--version'] })
      const folder = engineFolder(/version\s+(\d+(\.\d+)*)/.exec(stdout)?.[1] ?? 'VERSION')
      await runner.run({ file: 'rm', args: ['-rf', folder] })
      await runner.run({ file: 'mv', args: ['-T', unpacked, folder] })
      return folder
    } finally {
      if (!runner.dry) rmSync(work, { recursive: true, force: true })
    }
  })
}

async function runAll(runner: Runner, commands: Command[]): Promise<void> {
  for (const command of commands) await runner.run(command)
}

/** An installation that left something missing must not look like a success. */
function prove(facts: HostFacts): string {
  const { reasons } = planEngine(facts)
  if (reasons.length === 0 && facts.server) return upstreamVersion(facts.server.version)
  throw new KitError('Docker is still incomplete after its installation', {
    why: reasons.join('; '),
    next: 'docker info',
  })
}
