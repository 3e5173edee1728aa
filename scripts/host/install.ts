import type { Command } from '../run.ts'
import type { Mirror } from './apt.ts'
import { ENGINE_ROOT } from './facts.ts'
import type { Link } from './plan.ts'

/** Debian's development suite carries a current engine; its binaries run on any libc from 2.34 on. */
const SUITE = 'sid'

/** tini-static is what `docker-init` links to; runc stays the host's own, since sid's needs a newer libc. */
const PACKAGES = ['docker.io', 'containerd', 'tini-static', 'docker-cli', 'docker-compose', 'docker-buildx']

const PLUGINS = '/usr/local/lib/docker/cli-plugins'

/** An apt configuration of its own in `folder`: the host's apt never hears of the other suite. */
export const privateApt = (folder: string): string => `\
Dir::Etc::sourcelist "${folder}/sources.list";
Dir::Etc::sourceparts "/dev/null";
Dir::Etc::preferencesparts "/dev/null";
Dir::State::lists "${folder}/lists";
Dir::State::status "/dev/null";
Dir::Cache "${folder}/cache";
APT::Sandbox::User "root";
Acquire::Check-Valid-Until "false";`

/** Installs packages of the host's own distribution. */
export const aptInstall = (packages: string[]): Command[] => [
  { file: 'apt-get', args: ['update', '-qq'] },
  {
    file: 'apt-get',
    args: ['install', '-qq', '-y', '--no-install-recommends', ...packages],
    env: { DEBIAN_FRONTEND: 'noninteractive' },
  },
]

/** Downloads the engine's packages by way of `work` and unpacks them in `root`: nothing enters the system. */
export function downloadCommands(work: string, root: string, { uri, signedBy }: Mirror): Command[] {
  const env = { APT_CONFIG: `${work}/apt.conf` }
  return [
    { file: 'mkdir', args: ['-p', `${work}/lists/partial`, `${work}/cache/archives/partial`, root] },
    writeFile(env.APT_CONFIG, privateApt(work)),
    writeFile(`${work}/sources.list`, `deb [signed-by=${signedBy}] ${uri} ${SUITE} main`),
    { file: 'apt-get', args: ['update', '-qq'], env },
    { file: 'apt-get', args: ['download', '-qq', ...PACKAGES], env, cwd: work },
    {
      file: 'sh',
      args: ['-ec', 'for package in "$1"/*.deb; do dpkg -x "$package" "$2"; done', 'sh', work, root],
    },
  ]
}

/** Where the unpacked engine of a version lives, and its daemon in there. */
export const engineFolder = (version: string): string => `${ENGINE_ROOT}/${version}`
export const daemonOf = (folder: string): string => `${folder}/usr/sbin/dockerd`

/** PATH for a daemon: what was unpacked with it comes before the host's own. */
export const enginePath = (dockerd: string, path: string): string => {
  const usr = dockerd.replace(/\/s?bin\/dockerd$/, '')
  return `${usr}/bin:${usr}/sbin:${path}`
}

/** Links what the host lacks; a client that is replaced is kept beside the link. */
export function linkCommands(links: Link[], folder: string, composePlugin?: string): Command[] {
  const plugin = (name: string): string => `${folder}/usr/libexec/docker/cli-plugins/${name}`
  const targets: Record<Link, [string, string]> = {
    docker: [`${folder}/usr/bin/docker`, '/usr/local/bin/docker'],
    compose: [plugin('docker-compose'), `${PLUGINS}/docker-compose`],
    buildx: [plugin('docker-buildx'), `${PLUGINS}/docker-buildx`],
    'docker-compose': [composePlugin ?? `${PLUGINS}/docker-compose`, '/usr/local/bin/docker-compose'],
  }
  return [
    { file: 'mkdir', args: ['-p', PLUGINS] },
    ...links.map((link) => ({
      file: 'ln',
      args: ['-sfn', '--backup=simple', '--suffix=.before-ecomweb', ...targets[link]],
    })),
  ]
}

/** A file written by a command, so that a dry run shows it and a person can repeat it. */
export const writeFile = (path: string, text: string): Command => ({
  file: 'sh',
  args: ['-c', 'printf "%s\\n" "$1" > "$2"', 'sh', text, path],
})
