import { existsSync, readdirSync } from 'node:fs'
import type { Runner } from '../run.ts'
import { compareVersions } from './version.ts'

export type Plugin = { path: string; version: string }

/** What a host has for running containers, read without changing anything. */
export type HostFacts = {
  root: boolean
  systemd: boolean
  /** A daemon elsewhere that the client was told to use; nothing is installed or started for it. */
  dockerHost: string | undefined
  client: string | undefined
  /** The engine that answers; undefined when none does. */
  server: { version: string; containers: number } | undefined
  compose: Plugin | undefined
  buildx: Plugin | undefined
  /** `docker-compose` is on PATH. */
  standaloneCompose: boolean
  /** The newest `dockerd` on the disk, ours or the distribution's. */
  dockerd: { path: string; version: string } | undefined
  /** Those of the host's own programs that an engine calls and that are missing. */
  lacking: string[]
}

/** Where ecomweb unpacks an engine of its own: one folder a version. */
export const ENGINE_ROOT = '/opt/ecomweb/engine'

/** Asks the client once for all it knows, and looks for `dockerd` only when no engine answers. */
export async function readHost(runner: Runner): Promise<HostFacts> {
  const info = await runner.run(
    { file: 'docker', args: ['info', '--format', '{{json .}}'] },
    { check: false, timeoutMs: 15_000 },
  )
  const docker = parseInfo(info.stdout)
  return {
    root: process.getuid?.() === 0,
    systemd: existsSync('/run/systemd/system'),
    dockerHost: process.env.DOCKER_HOST,
    ...docker,
    standaloneCompose: onPath('docker-compose') !== undefined,
    dockerd: docker.server ? undefined : await newestDaemon(runner),
    lacking: ['iptables', 'runc'].filter((name) => !onPath(name)),
  }
}

type DockerInfo = {
  ServerVersion?: string
  Containers?: number
  ServerErrors?: string[]
  ClientInfo?: { Version?: string; Plugins?: { Name: string; Path: string; Version?: string }[] }
}

/** The client's answer to `docker info`, which describes the client even when no engine answers. */
export function parseInfo(text: string): Pick<HostFacts, 'client' | 'server' | 'compose' | 'buildx'> {
  const info = (text.trimStart().startsWith('{') ? JSON.parse(text) : {}) as DockerInfo
  const plugin = (name: string): Plugin | undefined => {
    const found = info.ClientInfo?.Plugins?.find((candidate) => candidate.Name === name)
    return found?.Version ? { path: found.Path, version: found.Version } : undefined
  }
  const answers = info.ServerVersion && !info.ServerErrors?.length
  return {
    client: info.ClientInfo?.Version,
    server: answers ? { version: info.ServerVersion ?? '', containers: info.Containers ?? 0 } : undefined,
    compose: plugin('compose'),
    buildx: plugin('buildx'),
  }
}

/** The newest engine that was unpacked here, or the one on PATH. */
async function newestDaemon(runner: Runner): Promise<HostFacts['dockerd']> {
  const versions = existsSync(ENGINE_ROOT) ? readdirSync(ENGINE_ROOT) : []
  const paths = versions.map((version) => `${ENGINE_ROOT}/${version}/usr/sbin/dockerd`).filter(existsSync)
  const distribution = onPath('dockerd')
  if (distribution) paths.push(distribution)
  const found: { path: string; version: string }[] = []
  for (const path of paths) {
    const { stdout } = await runner.run({ file: path, args: ['--version'] }, { check: false })
    const version = /version\s+(\d[\w.]*)/.exec(stdout)?.[1]
    if (version) found.push({ path, version })
  }
  return found.sort((a, b) => compareVersions(b.version, a.version))[0]
}

const onPath = (name: string): string | undefined =>
  `${process.env.PATH ?? ''}:/usr/sbin:/sbin`
    .split(':')
    .map((folder) => `${folder}/${name}`)
    .find(existsSync)
