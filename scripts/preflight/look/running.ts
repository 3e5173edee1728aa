import { readFileSync } from 'node:fs'
import { inspectContainers, listContainers } from '../../docker/containers.ts'
import type { Runner } from '../../run.ts'
import type { StackEnv } from '../../settings/stack-env.ts'
import { isFree, PORTS } from '../../up/ports.ts'
import type { FactValues, PortFact } from '../facts.ts'

/** A container with what of this host it holds. `pid` is that of its first process, 0 when it does not run. */
export type Running = { name: string; service: string; running: boolean; pid: number; ports: number[] }

type Raw = {
  Name: string
  Config: { Labels: Record<string, string> }
  State: { Running: boolean; Pid: number }
  NetworkSettings: { Ports: Record<string, { HostPort: string }[] | null> | null }
}

export async function readRunning(runner: Runner, project: string): Promise<Running[]> {
  const ids = (await runner.run(listContainers(project))).stdout.split('\n').filter(Boolean)
  if (ids.length === 0) return []
  const { stdout } = await runner.run(inspectContainers(ids), { check: false })
  return (JSON.parse(stdout || '[]') as Raw[]).map(({ Name, Config, State, NetworkSettings }) => ({
    name: Name.replace(/^\//, ''),
    service: Config.Labels['com.docker.compose.service'] ?? '',
    running: State.Running,
    pid: State.Pid,
    ports: Object.values(NetworkSettings.Ports ?? {}).flatMap((bound) =>
      (bound ?? []).map(({ HostPort }) => Number(HostPort)),
    ),
  }))
}

/** Who listens on the ports that `.env` names. */
export const readPorts = (env: StackEnv, containers: Running[]): Promise<PortFact[]> =>
  Promise.all(
    PORTS.map(async (name) => {
      const port = env[name]
      if (containers.some(({ ports }) => ports.includes(port))) return { name, port, use: 'ours' }
      return { name, port, use: (await isFree(env, name)) ? 'free' : 'foreign' }
    }),
  )

/**
 * Memory that processes can still get (MemAvailable), and what the application's containers hold of it that
 * nothing else can have (anonymous pages; their cache is part of MemAvailable already). Bytes.
 */
export function readMemory(containers: Running[]): FactValues['memory'] {
  const available = /^MemAvailable:\s+(\d+) kB/m.exec(readFileSync('/proc/meminfo', 'utf8'))?.[1]
  if (!available) throw new Error('this kernel does not say how much memory is available')
  const ours = containers.filter(
    ({ service, running }) => running && /_(api_\w+|cron|worker\w*)$/.test(service),
  )
  const held = ours.reduce((sum, { pid }) => sum + anonymousMemory(pid), 0)
  return { available: Number(available) * 1024, held }
}

function anonymousMemory(pid: number): number {
  try {
    const groups = readFileSync(`/proc/${pid}/cgroup`, 'utf8')
    const first = /^\d+:memory:(.+)$/m.exec(groups)?.[1]
    const folder = first ? `/sys/fs/cgroup/memory${first}` : `/sys/fs/cgroup${/^0::(.+)$/m.exec(groups)?.[1]}`
    const statistics = readFileSync(`${folder}/memory.stat`, 'utf8')
    return Number(/^(?:anon|total_rss) (\d+)$/m.exec(statistics)?.[1] ?? 0)
  } catch {
    // It ended meanwhile, or its cgroup is out of sight: what it holds then counts as taken.
    return 0
  }
}
