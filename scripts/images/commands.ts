import type { Command } from '../run.ts'
import { STANDIN_LABEL } from './table.ts'

export type Secret = { id: string; file: string }

export type BuildOptions = {
  tag: string
  dockerfile: string
  context: string
  target?: string | undefined
  labels?: string[]
  args?: Record<string, string>
  /** Names of variables whose values the client takes from its own environment, unseen in the argument list. */
  passed?: string[]
  secrets?: Secret[]
}

/** `docker build`, with its log as plain lines. */
export const buildCommand = (options: BuildOptions): Command => ({
  file: 'docker',
  args: [
    'build',
    '--progress=plain',
    `--tag=${options.tag}`,
    `--file=${options.dockerfile}`,
    ...(options.target ? [`--target=${options.target}`] : []),
    ...(options.labels ?? []).map((label) => `--label=${label}`),
    ...Object.entries(options.args ?? {}).map(([name, value]) => `--build-arg=${name}=${value}`),
    ...(options.passed ?? []).map((name) => `--build-arg=${name}`),
    ...(options.secrets ?? []).map(({ id, file }) => `--secret=id=${id},src=${file}`),
    options.context,
  ],
})

export const pullCommand = (reference: string): Command => ({ file: 'docker', args: ['pull', reference] })

/** Prints the id of an image on this host. */
export const inspectCommand = (reference: string): Command => ({
  file: 'docker',
  args: ['image', 'inspect', '--format', '{{.Id}}', reference],
})

/** A minimal Debian as a tar file; what Debian's own slim images leave out is left out here too. */
export const bootstrapCommand = (
  suite: string,
  tar: string,
  mirror: { uri: string; signedBy: string },
): Command => ({
  file: 'mmdebstrap',
  args: [
    '--variant=minbase',
    '--include=ca-certificates',
    `--keyring=${mirror.signedBy}`,
    '--aptopt=Acquire::Check-Valid-Until "false"',
    ...['/usr/share/man/*', '/usr/share/info/*', '/usr/share/locale/*', '/usr/share/doc/*'].map(
      (path) => `--dpkgopt=path-exclude=${path}`,
    ),
    '--dpkgopt=path-include=/usr/share/doc/*/copyright',
    suite,
    tar,
    mirror.uri,
  ],
})

export const importCommand = (tar: string, reference: string): Command => ({
  file: 'docker',
  args: ['import', '--change', `LABEL ${STANDIN_LABEL}`, '--change', 'CMD ["bash"]', tar, reference],
})

/** Fetches npm packages as archives into a folder, with the registry settings of the host. */
export const packCommand = (packages: string[], folder: string): Command => ({
  file: 'npm',
  args: ['pack', '--silent', '--ignore-scripts', `--pack-destination=${folder}`, ...packages],
  cwd: folder,
})
