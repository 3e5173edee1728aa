import type { Stack } from './stack.ts'

/** A container of the stack as the engine sees it. */
export type ContainerState = {
  name: string
  service: string
  id: string
  /** The main process, as the host numbers it. */
  pid: number
  startedAt: string
  running: boolean
  health: string
  ports: Record<string, { HostIp: string; HostPort: string }[] | null>
}

/** All containers of the stack that run; one-shot jobs have ended and are left out. */
export async function runningContainers(stack: Stack): Promise<ContainerState[]> {
  const { stdout } = await stack.docker([
    ...['ps', '-q', '--no-trunc', '--filter', `label=com.docker.compose.project=${stack.info.name}`],
  ])
  const ids = stdout.split('\n').filter(Boolean)
  const inspected = await stack.docker(['inspect', ...ids])
  return (JSON.parse(inspected.stdout) as Inspected[]).map((found) => ({
    name: found.Name.slice(1),
    service: found.Config.Labels['com.docker.compose.service'] ?? '',
    id: found.Id,
    pid: found.State.Pid,
    startedAt: found.State.StartedAt,
    running: found.State.Running,
    health: found.State.Health?.Status ?? 'none',
    ports: found.NetworkSettings.Ports,
  }))
}

/** The container of a service that has one only. */
export async function containerOf(stack: Stack, service: string): Promise<ContainerState> {
  const found = (await runningContainers(stack)).find((container) => container.service === service)
  if (!found) throw new Error(`${service} has no running container`)
  return found
}

type Inspected = {
  Id: string
  Name: string
  Config: { Labels: Record<string, string> }
  State: { Pid: number; StartedAt: string; Running: boolean; Health?: { Status: string } }
  NetworkSettings: { Ports: ContainerState['ports'] }
}
