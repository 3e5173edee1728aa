import type { Command, Runner } from '../run.ts'

/** One container as the engine sees it now. */
export type Container = {
  name: string
  service: string
  /** The reference it was created from and the id that it resolved to then. */
  image: string
  imageId: string
  status: string
  health: 'healthy' | 'unhealthy' | 'starting' | 'none'
  running: boolean
  /** Unix time in ms of the last start. */
  startedAt: number
  exitCode: number
  oomKilled: boolean
  restarts: number
  /** Address inside the stack's network, reachable from this host; empty when not running. */
  address: string
}

export const listContainers = (project: string): Command => ({
  file: 'docker',
  args: [
    'ps',
    '--all',
    '--quiet',
    '--no-trunc',
    '--filter',
    `label=com.docker.compose.project=${project}`,
    '--filter',
    'label=com.docker.compose.oneoff=False',
  ],
})

export const inspectContainers = (ids: string[]): Command => ({
  file: 'docker',
  args: ['inspect', '--type=container', ...ids],
})

export const containerLogs = (name: string, tail: number): Command => ({
  file: 'docker',
  args: ['logs', '--tail', String(tail), name],
})

/** Ends it within its own grace period. */
export const stopContainer = (name: string): Command => ({ file: 'docker', args: ['stop', name] })

export const processesOf = (name: string): Command => ({ file: 'docker', args: ['top', name] })

/** What it wrote into its own layer. */
export const filesChangedIn = (name: string): Command => ({ file: 'docker', args: ['diff', name] })

export const execIn = (container: string, command: string[]): Command => ({
  file: 'docker',
  args: ['exec', container, ...command],
})

/** Begins a command in a container and does not wait for its end; fails only when it could not begin. */
export const beginIn = (container: string, command: string[]): Command => ({
  file: 'docker',
  args: ['exec', '--detach', container, ...command],
})

/** Parses the output of `docker inspect`. */
export function parseContainers(json: string): Container[] {
  return (JSON.parse(json) as RawContainer[]).map((raw) => ({
    name: raw.Name.replace(/^\//, ''),
    service: raw.Config.Labels['com.docker.compose.service'] ?? '',
    image: raw.Config.Image,
    imageId: raw.Image,
    status: raw.State.Status,
    health: raw.State.Health?.Status ?? 'none',
    running: raw.State.Running && !raw.State.Restarting,
    startedAt: Date.parse(raw.State.StartedAt),
    exitCode: raw.State.ExitCode,
    oomKilled: raw.State.OOMKilled,
    restarts: raw.RestartCount,
    address: Object.values(raw.NetworkSettings.Networks)[0]?.IPAddress ?? '',
  }))
}

/** The stack's containers; those of `docker compose run` are left out. */
export async function containersOf(runner: Runner, project: string): Promise<Container[]> {
  const ids = (await runner.run(listContainers(project))).stdout.split('\n').filter(Boolean)
  if (ids.length === 0) return []
  // A container may go away between the two calls; what is left is still printed.
  const { stdout } = await runner.run(inspectContainers(ids), { check: false })
  return parseContainers(stdout || '[]')
}

/** The first container of a service, running or not. */
export const containerOf = async (
  runner: Runner,
  project: string,
  service: string,
): Promise<Container | undefined> =>
  (await containersOf(runner, project)).find((container) => container.service === service)

type RawContainer = {
  Name: string
  Image: string
  RestartCount: number
  Config: { Image: string; Labels: Record<string, string> }
  State: {
    Status: string
    Running: boolean
    Restarting: boolean
    StartedAt: string
    ExitCode: number
    OOMKilled: boolean
    Health?: { Status: Container['health'] }
  }
  NetworkSettings: { Networks: Record<string, { IPAddress: string }> }
}
