import { existsSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { releaseTag } from '../scripts/docker/application-image.ts'
import type { Runner } from '../scripts/run.ts'
import { parseEnvFile } from '../scripts/settings/env-file.ts'
import { isAlive } from '../tests/e2e/harness/alive.ts'
import { freePorts } from '../tests/e2e/harness/ports.ts'
import type { CleanUp } from './program.ts'

const PREFIX = 'ecw-bench-'
/** What `up` calls the image that it builds. */
const LOCAL = 'ecomweb/app:local'
const PORTS = ['HTTP_PORT', 'API_BLUE_PORT', 'API_GREEN_PORT', 'STATS_PORT'] as const

/** A clean clone of the project, with a name and ports of its own for the stack that it will be. */
export type Clone = { name: string; folder: string; env: Record<string, string>; remove: CleanUp }

/** Clones the committed state of a project into a temporary folder; nothing is started. */
export async function cloneProject(runner: Runner, project: string): Promise<Clone> {
  await removeLeftovers(runner)
  const name = `${PREFIX}${process.pid}`
  const folder = join(tmpdir(), name)
  rmSync(folder, { recursive: true, force: true })
  await runner.run({ file: 'git', args: ['clone', '--quiet', '--no-hardlinks', project, folder] })
  const ports = await freePorts(PORTS.length)
  const env = Object.fromEntries(PORTS.map((variable, at) => [variable, String(ports[at])]))
  const local = await lines(runner, 'image', 'ls', '--quiet', '--no-trunc', LOCAL)
  const remove: CleanUp = async (runner) => {
    const added = releaseOf(name, folder)
    await removeStack(runner, name)
    // The kit tags what it builds: what this clone has added goes, what it has moved is put back.
    const stale = [...(added ? [added] : []), ...(local[0] ? [] : [LOCAL])]
    if (local[0]) await runner.run({ file: 'docker', args: ['tag', local[0], LOCAL] })
    if (stale.length > 0)
      await runner.run({ file: 'docker', args: ['image', 'rm', ...stale] }, { check: false })
  }
  return { name, folder, env: { ...env, ECOMWEB_NAME: name }, remove }
}

const lines = async (runner: Runner, ...args: string[]): Promise<string[]> =>
  (await runner.run({ file: 'docker', args })).stdout.split('\n').filter(Boolean)

/** The kit's tag of the image that a clone runs; undefined before it was built. */
function releaseOf(name: string, folder: string): string | undefined {
  const file = join(folder, '.env')
  const image = existsSync(file) ? parseEnvFile(readFileSync(file, 'utf8')).API_BLUE_IMAGE : undefined
  return image?.startsWith('sha256:') ? releaseTag(name, image) : undefined
}

/** Removes a clone's stack by its Compose label, data included, and its folder. */
async function removeStack(runner: Runner, name: string): Promise<void> {
  const ours = ['--filter', `label=com.docker.compose.project=${name}`]
  const steps: [string[], string[]][] = [
    [
      ['ps', '--all', '--quiet', ...ours],
      ['rm', '--force'],
    ],
    [
      ['network', 'ls', '--quiet', ...ours],
      ['network', 'rm'],
    ],
    [
      ['volume', 'ls', '--quiet', ...ours],
      ['volume', 'rm', '--force'],
    ],
  ]
  for (const [list, remove] of steps) {
    const ids = await lines(runner, ...list)
    if (ids.length > 0) await runner.run({ file: 'docker', args: [...remove, ...ids] })
  }
  rmSync(join(tmpdir(), name), { recursive: true, force: true })
}

/** Clones of runs that were killed; a living run's is never touched. */
async function removeLeftovers(runner: Runner): Promise<void> {
  const projects = await lines(runner, 'ps', '--all', '--format', '{{.Label "com.docker.compose.project"}}')
  for (const name of new Set([...projects, ...readdirSync(tmpdir())])) {
    const pid = pidOf(name)
    if (pid !== undefined && !isAlive(pid)) await removeStack(runner, name)
  }
}

/** The process that made a stack of this name; undefined for stacks that are none of ours. */
export const pidOf = (name: string): number | undefined => {
  const digits = new RegExp(`^${PREFIX}(\\d+)$`).exec(name)?.[1]
  return digits === undefined ? undefined : Number(digits)
}
