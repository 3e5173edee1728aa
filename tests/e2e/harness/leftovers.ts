import { readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { isAlive } from './alive.ts'
import { run } from './process.ts'

/** Names of test stacks go on with the pid of the run that made them, so that a dead run's can be told, and a number. */
export const NAME_PREFIX = 'ecw-test-'
/** The label of test images; its value is the name without the prefix. */
export const IMAGE_LABEL = 'ecomweb.test'

const docker = async (...args: string[]): Promise<string[]> => {
  const { code, stdout } = await run('docker', args, { check: false })
  return code === 0 ? stdout.split('\n').filter(Boolean) : []
}

/** Removes everything of one test stack by its labels: containers, networks, volumes, images, folder. */
export async function removeStack(name: string): Promise<void> {
  const own = name.slice(NAME_PREFIX.length)
  const ofProject = ['--filter', `label=com.docker.compose.project=${name}`]
  const remove = async (list: string[], ...command: string[]): Promise<void> => {
    const ids = await docker(...list)
    if (ids.length > 0) await run('docker', [...command, ...ids], { check: false })
  }
  await remove(['ps', '-aq', ...ofProject], 'rm', '-f')
  // What a test has joined to its network would keep that.
  await remove(['ps', '-aq', '--filter', `network=${name}_default`], 'rm', '-f', '-v')
  await remove(['network', 'ls', '-q', ...ofProject], 'network', 'rm')
  await remove(['volume', 'ls', '-q', ...ofProject], 'volume', 'rm', '-f')
  // By label too: a deploy gives a test image tags of the kit's own.
  for (const filter of [
    `label=${IMAGE_LABEL}=${own}`,
    `reference=${name}`,
    `reference=ecomweb/release:${name}-*`,
  ]) {
    const tags = ['image', 'ls', '--filter', filter, '--format', '{{.Repository}}:{{.Tag}}']
    await remove(tags, 'image', 'rm', '-f')
  }
  rmSync(join(tmpdir(), name), { recursive: true, force: true })
}

/** Removes the stacks of runs that ended without cleaning up; a living run's is never touched. */
export async function removeLeftovers(): Promise<string[]> {
  const format = ['--format', '{{.Label "com.docker.compose.project"}}']
  const projects = [
    ...(await docker('ps', '-a', ...format)),
    ...(await docker('network', 'ls', ...format)),
    ...(await docker('volume', 'ls', ...format)),
    ...(await docker('image', 'ls', '--format', '{{.Repository}}')),
    ...readdirSync(tmpdir()),
  ]
  const dead = [...new Set(projects)].filter((name) => {
    const pid = new RegExp(`^${NAME_PREFIX}(\\d+)(-\\d+)?$`).exec(name)?.[1]
    return pid !== undefined && !isAlive(Number(pid))
  })
  for (const name of dead) await removeStack(name)
  return dead
}
