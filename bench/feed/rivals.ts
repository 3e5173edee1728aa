import { join } from 'node:path'
import { ensureImages } from '../../scripts/images/ensure.ts'
import { textProgress } from '../../scripts/output/progress.ts'
import type { Runner } from '../../scripts/run.ts'
import { poll } from '../../scripts/stack/wait.ts'
import type { Folders } from '../edge/configuration.ts'
import type { Kit } from '../program.ts'

const LABEL = 'ecomweb.bench=feed'
const NAME = 'ecomweb-bench-feed'
const NGINX = 'nginx:1'
const NODE = 'node:24-bookworm-slim'

/** Where nginx and the handler that serialises anew answer, each through a HAProxy with the project's rules. */
export type Rivals = { nginx: Rival; handler: Rival }
export type Rival = { url: string; headers: Record<string, string> }

/** Starts both over the files of a version, and the edge in front of them; they are removed at the end. */
export async function startRivals(
  { runner, atEnd }: Kit,
  { version, folders, haproxy }: { version: string; folders: Folders; haproxy: string },
): Promise<Rivals> {
  await ensureImages({ runner, progress: textProgress(process.stderr), images: [haproxy, NGINX, NODE] })
  await removeRivals(runner)
  atEnd(removeRivals)
  await docker(runner, 'network', 'create', '--label', LABEL, NAME)
  const own = (file: string) => join(import.meta.dirname, file)
  await run(runner, 'nginx', {
    user: '101:101',
    args: ['--network-alias', 'ecomweb-api-blue', '--tmpfs', '/tmp', '-v', `${version}:/feed:ro`],
    image: ['-v', `${own('nginx.conf')}:/nginx.conf:ro`, '--entrypoint', 'nginx', NGINX],
    command: ['-c', '/nginx.conf', '-g', 'daemon off;'],
  })
  await run(runner, 'handler', {
    user: '1000:1000',
    args: ['--network-alias', 'ecomweb-api-green', '-v', `${version}:/feed:ro`],
    image: ['-v', `${own('reserialising.ts')}:/handler.ts:ro`, '--entrypoint', 'node', NODE],
    command: ['/handler.ts'],
  })
  await run(runner, 'edge', {
    user: '99:99',
    args: ['--tmpfs', '/run/ecomweb:uid=99,gid=99,mode=0700', '--tmpfs', '/var/lib/haproxy:uid=99,gid=99'],
    image: ['-v', `${folders.rules}:/usr/local/etc/haproxy:ro`, '--entrypoint', 'haproxy', haproxy],
    command: ['-W', '-db', '-f', '/usr/local/etc/haproxy/haproxy.cfg'],
  })
  const format = '{{range .NetworkSettings.Networks}}{{.IPAddress}}{{end}}'
  const url = `http://${await docker(runner, 'inspect', '--format', format, `${NAME}-edge`)}:8080`
  // The rules send the holder of the token to the colour that is named.
  const headersOf = (colour: string) => ({
    'x-ecomweb-preview': 'nobody-knows-this-one',
    'x-ecomweb-colour': colour,
  })
  const rivals = {
    nginx: { url, headers: headersOf('blue') },
    handler: { url, headers: headersOf('green') },
  }
  for (const rival of Object.values(rivals)) await whenServing(rival)
  return rivals
}

type Started = { user: string; args: string[]; image: string[]; command: string[] }

const run = (runner: Runner, name: string, { user, args, image, command }: Started): Promise<string> =>
  docker(
    runner,
    ...['run', '--detach', '--name', `${NAME}-${name}`, '--label', LABEL, '--network', NAME, '--user', user],
    ...[
      '--cap-drop',
      'ALL',
      '--security-opt',
      'no-new-privileges:true',
      '--read-only',
      '--log-driver',
      'none',
    ],
    ...args,
    ...image,
    ...command,
  )

/** Removes what this run, or one that was cut, has started. */
export async function removeRivals(runner: Runner): Promise<void> {
  const remove = async (list: string[], ...command: string[]) => {
    const ids = (await docker(runner, ...list, '--quiet', '--filter', `label=${LABEL}`)).split('\n')
    if (ids[0]) await docker(runner, ...command, ...ids)
  }
  await remove(['ps', '--all'], 'rm', '--force', '--volumes')
  await remove(['network', 'ls'], 'network', 'rm')
}

const docker = async (runner: Runner, ...args: string[]): Promise<string> =>
  (await runner.run({ file: 'docker', args })).stdout.trim()

async function whenServing({ url, headers }: Rival): Promise<void> {
  const answers = async () => {
    const response = await fetch(`${url}/ready`, { headers, signal: AbortSignal.timeout(2000) }).catch(
      () => null,
    )
    await response?.arrayBuffer()
    return response?.ok || undefined
  }
  if (!(await poll(answers, { timeoutMs: 60_000, intervalMs: 200 })))
    throw new Error(`${headers['x-ecomweb-colour']} behind ${NAME}-edge does not answer`)
}
