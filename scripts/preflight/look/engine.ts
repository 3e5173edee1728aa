import { existsSync } from 'node:fs'
import { statfs } from 'node:fs/promises'
import { KitError } from '../../errors.ts'
import type { Runner } from '../../run.ts'
import type { FactValues, Space } from '../facts.ts'

const PATIENCE = { check: false, timeoutMs: 15_000 }

/** Versions of client and engine. Errors: no client, or no engine that answers. */
export async function readEngine(runner: Runner): Promise<FactValues['engine']> {
  const asked = await runner.run({ file: 'docker', args: ['version', '--format', 'json'] }, PATIENCE)
  const versions = parseVersions(asked.stdout)
  if (versions) return versions
  throw new KitError('the container engine does not answer', {
    why: `nothing can be started, stopped or looked at: ${lastLine(asked.stderr)}`,
    next: './ecomweb up',
  })
}

/** Parses `docker version --format json`; undefined without a server's part. */
export function parseVersions(json: string): FactValues['engine'] | undefined {
  if (!json.trimStart().startsWith('{')) return undefined
  const said = JSON.parse(json) as { Client?: { Version?: string }; Server?: { Version?: string } | null }
  const version = said.Server?.Version
  return version ? { version, client: said.Client?.Version ?? '' } : undefined
}

/** Errors: there is no Compose plugin. */
export async function readCompose(runner: Runner): Promise<string> {
  const asked = await runner.run({ file: 'docker', args: ['compose', 'version', '--short'] }, PATIENCE)
  const version = asked.stdout.trim()
  if (asked.code === 0 && version) return version
  throw new KitError('the docker client has no Compose plugin', {
    why: `the whole stack is described for it: ${lastLine(asked.stderr)}`,
    next: './ecomweb up',
  })
}

/** Room where the engine keeps images. Errors: the engine runs elsewhere, or does not say where. */
export async function readEngineSpace(runner: Runner): Promise<Space> {
  const format = '{{json .DriverStatus}}\n{{.DockerRootDir}}'
  const { stdout } = await runner.run({ file: 'docker', args: ['info', '--format', format] }, PATIENCE)
  const [driver = '', root = ''] = stdout.trim().split('\n')
  // With its image store, containerd keeps images in a folder of its own.
  const containerd = '/var/lib/containerd'
  const path = driver.includes('io.containerd.snapshotter') && existsSync(containerd) ? containerd : root
  if (path && existsSync(path)) return readSpace(path)
  throw new KitError('the disk of the container engine cannot be looked at', {
    why: 'an image that does not fit ends a deploy midway; the engine may run on another host',
    next: 'docker info --format {{.DockerRootDir}}',
  })
}

/** Room of the file system that holds a folder, for users without privileges. */
export async function readSpace(path: string): Promise<Space> {
  const { bavail, bsize, files, ffree } = await statfs(path)
  return { path, free: bavail * bsize, inodes: files > 0 ? ffree : undefined }
}

export const lastLine = (text: string): string => text.trim().split('\n').at(-1) ?? ''
