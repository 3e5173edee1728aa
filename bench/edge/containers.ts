import { KitError } from '../../scripts/errors.ts'
import type { Runner } from '../../scripts/run.ts'
import { poll } from '../../scripts/stack/wait.ts'
import { type Folders, VARIANTS, type Variant } from './configuration.ts'

/** Everything made here carries it, and is removed by it. */
const LABEL = 'ecomweb.bench=edge'
const NAME = 'ecomweb-bench-edge'
const FOLDER_IN_CONTAINER = '/usr/local/etc/haproxy'

/** A HAProxy under test: its main process, in whose network the load generator runs, and all its processes. */
export type Edge = { name: string; pid: number; pids: number[] }

const docker = async (runner: Runner, ...args: string[]): Promise<string> =>
  (await runner.run({ file: 'docker', args })).stdout.trim()

/** Starts the origin and an edge of each variant, of the image given, on a network of their own; waits for all. */
export async function startEdges(
  runner: Runner,
  image: string,
  folders: Folders,
): Promise<Record<Variant, Edge>> {
  await docker(runner, 'network', 'create', '--label', LABEL, NAME)
  const start = (name: string, folder: string, ...args: string[]) =>
    docker(
      runner,
      ...['run', '--detach', '--name', `${NAME}-${name}`, '--label', LABEL, '--network', NAME],
      ...['--user', '99:99', '--cap-drop', 'ALL', '--security-opt', 'no-new-privileges:true', '--read-only'],
      // HAProxy writes its log into a pipe, as in the stack; storing it would take the load generator's processor.
      ...['--log-driver', 'none'],
      ...['--tmpfs', '/run/ecomweb:uid=99,gid=99,mode=0700', '--tmpfs', '/var/lib/haproxy:uid=99,gid=99'],
      ...['--volume', `${folder}:${FOLDER_IN_CONTAINER}:ro`, ...args],
      ...['--entrypoint', 'haproxy', image, '-W', '-db', '-f', `${FOLDER_IN_CONTAINER}/haproxy.cfg`],
    )
  const aliases = ['blue', 'green'].flatMap((colour) => ['--network-alias', `ecomweb-api-${colour}`])
  await start('origin', folders.origin, ...aliases)
  for (const variant of VARIANTS) await start(variant, folders[variant])
  const edges: Partial<Record<Variant, Edge>> = {}
  for (const variant of VARIANTS) edges[variant] = await whenServing(runner, `${NAME}-${variant}`)
  return edges as Record<Variant, Edge>
}

/** Removes containers and network of this run, or of an earlier one that could not. */
export async function removeEdges(runner: Runner): Promise<void> {
  const remove = async (list: string[], ...command: string[]) => {
    const ids = (await docker(runner, ...list, '--quiet', '--filter', `label=${LABEL}`)).split('\n')
    if (ids[0]) await docker(runner, ...command, ...ids)
  }
  await remove(['ps', '--all'], 'rm', '--force', '--volumes')
  await remove(['network', 'ls'], 'network', 'rm')
}

async function whenServing(runner: Runner, name: string): Promise<Edge> {
  const address = '{{range .NetworkSettings.Networks}}{{.IPAddress}}{{end}}'
  const ip = await docker(runner, 'inspect', '--format', address, name)
  const answers = async () => {
    const response = await fetch(`http://${ip}:8080/`, { signal: AbortSignal.timeout(2000) }).catch(
      () => null,
    )
    await response?.arrayBuffer()
    return response?.ok || undefined
  }
  if (!(await poll(answers, { timeoutMs: 30_000, intervalMs: 200 }))) {
    const { stdout, stderr } = await runner.run({ file: 'docker', args: ['logs', '--tail', '5', name] })
    throw new KitError(`${name} does not serve`, {
      why: (stdout + stderr).trim(),
      next: `docker logs ${name}`,
    })
  }
  const pid = Number(await docker(runner, 'inspect', '--format', '{{.State.Pid}}', name))
  return { name, pid, pids: parsePids(await docker(runner, 'top', name, '-eo', 'pid')) }
}

/** Process ids as the host sees them, from `docker top … -eo pid`. */
export const parsePids = (text: string): number[] => text.split('\n').slice(1).map(Number).filter(Boolean)
