import { chmodSync, cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { askHaproxy } from '../../../../scripts/haproxy/socket.ts'
import { isServing, parseStats } from '../../../../scripts/haproxy/stats.ts'
import { ensureImages } from '../../../../scripts/images/ensure.ts'
import type { Edge } from '../../../../scripts/ports.ts'
import { execRunner } from '../../../../scripts/run.ts'
import { COLOURS, type Colour } from '../../../../scripts/stack/colours.ts'
import { run } from '../process.ts'
import { waitUntil } from '../wait.ts'
import { type Answer, type Ask, get } from './request.ts'

/** What all containers and networks of this harness carry; they are removed by it. */
const LABEL = 'ecomweb.test=edge'
const NAME = 'ecw-test-edge'
const APPLICATION = 'node:24-bookworm-slim'
const MAP = '/usr/local/etc/haproxy/state/routes.map'

/** HAProxy with the project's configuration before two tiny applications, without the rest of the stack. */
export interface TestEdge extends Edge {
  /** The secret of a preview. */
  readonly token: string
  /** The address at which HAProxy serves, on port 8080. */
  readonly host: string
  get(path: string, ask?: Ask): Promise<Answer>
  /** Replaces the running map in one commit. */
  route(routes: { active: Colour; canary?: Colour; weight?: number }): Promise<void>
  /** Stops or starts an application, and waits until HAProxy has noticed. */
  stop(colour: Colour): Promise<void>
  start(colour: Colour): Promise<void>
  /** A new worker with the same configuration; resolves when it answers. */
  reload(): Promise<void>
  remove(): Promise<void>
}

const QUIET = {
  note: () => {},
  step: <T>(_title: string, run: (detail: () => void) => Promise<T>) => run(() => {}),
}

const docker = async (...args: string[]): Promise<string> => (await run('docker', args)).stdout.trim()

async function removeAll(): Promise<void> {
  const remove = async (list: string[], ...command: string[]) => {
    const ids = (await docker(...list, '--quiet', `--filter=label=${LABEL}`)).split('\n').filter(Boolean)
    if (ids.length > 0) await docker(...command, ...ids)
  }
  await remove(['ps', '--all'], 'rm', '--force', '--volumes')
  await remove(['network', 'ls'], 'network', 'rm')
}

/** Starts everything with an image of HAProxy; resolves when both colours are up. */
export async function startEdge(image = 'haproxy:3.2'): Promise<TestEdge> {
  await removeAll()
  await ensureImages({ runner: execRunner(), progress: QUIET, images: [image, APPLICATION] })
  const folder = mkdtempSync(join(tmpdir(), 'ecomweb-edge-'))
  chmodSync(folder, 0o755)
  for (const file of ['haproxy.cfg', 'init.sh']) cpSync(resolve('haproxy', file), join(folder, file))
  await docker('network', 'create', `--label=${LABEL}`, NAME)
  const start = (name: string, ...args: string[]) =>
    docker('run', '--detach', `--name=${NAME}-${name}`, `--label=${LABEL}`, `--network=${NAME}`, ...args)

  const application = `--volume=${resolve(import.meta.dirname, 'application.mjs')}:/application.mjs:ro`
  for (const colour of COLOURS) {
    const alias = [`--network-alias=ecomweb-api-${colour}`, `--env=COLOUR=${colour}`]
    await start(colour, ...alias, '--init', application, APPLICATION, 'node', '/application.mjs')
  }
  const init = ['--rm', '--network=none', '--user=0:0', `--volume=${folder}:/edge`, '--entrypoint=sh']
  await docker('run', ...init, image, '/edge/init.sh')
  const mounts = [`--volume=${folder}:/usr/local/etc/haproxy:ro`, `--volume=${folder}/run:/run/ecomweb`]
  const command = [image, '-W', '-db', '-f', '/usr/local/etc/haproxy/haproxy.cfg']
  await start(
    'haproxy',
    '--user=99:99',
    '--tmpfs=/var/lib/haproxy',
    ...mounts,
    '--entrypoint=haproxy',
    ...command,
  )
  const address = '{{range .NetworkSettings.Networks}}{{.IPAddress}}{{end}}'
  const host = await docker('inspect', `--format=${address}`, `${NAME}-haproxy`)

  const ask = (line: string) => askHaproxy(join(folder, 'run/admin.sock'), line)
  const stats = async (colour: Colour) => parseStats(await ask('show stat'))[colour]
  const untilServing = (colour: Colour) =>
    waitUntil(`${colour} serves`, async () => isServing(await stats(colour)))
  // After a failed check it is "UP 4/5": unfit to serve for the kit, and still given requests by HAProxy.
  const untilDown = (colour: Colour) =>
    waitUntil(`${colour} is down`, async () => !(await stats(colour)).status.startsWith('UP'))

  const edge: TestEdge = {
    token: readFileSync(join(folder, 'state/preview.token'), 'utf8'),
    host,
    ask,
    get: (path, options = {}) => get(host, path, options),
    async route({ active, canary, weight = 0 }) {
      const entries = { active, ...(canary ? { canary } : {}), weight: String(weight) }
      const lines = Object.entries(entries).map((pair) => pair.join(' '))
      writeFileSync(join(folder, 'state/routes.map'), `${lines.join('\n')}\n`)
      const version = /(\d+)/.exec(await ask(`prepare map ${MAP}`))?.[1]
      const adds = lines.map((line) => `add map @${version} ${MAP} ${line}`)
      const refused = (await ask([...adds, `commit map @${version} ${MAP}`].join('; '))).trim()
      if (refused) throw new Error(refused)
    },
    async stop(colour) {
      await docker('stop', '--timeout=0', `${NAME}-${colour}`)
      await untilDown(colour)
    },
    async start(colour) {
      await docker('start', `${NAME}-${colour}`)
      await untilServing(colour)
    },
    async reload() {
      const worker = async () => /^Pid: (\d+)$/m.exec(await ask('show info'))?.[1]
      const before = await worker()
      await docker('kill', '--signal=USR2', `${NAME}-haproxy`)
      await waitUntil('a new worker answers', async () => (await worker()) !== before)
      await Promise.all(COLOURS.map(untilServing))
    },
    async remove() {
      await removeAll()
      rmSync(folder, { recursive: true, force: true })
    },
  }
  await Promise.all(COLOURS.map(untilServing))
  return edge
}
