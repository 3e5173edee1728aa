import { readJournal } from '../../scripts/deploy/journal.ts'
import type { Plan } from '../../scripts/deploy/plan.ts'
import { unfinished } from '../../scripts/deploy/unfinished.ts'
import { CONFIGURATION } from '../../scripts/haproxy/reload.ts'
import { formatRoutes, ROUTES_FILE } from '../../scripts/haproxy/routes.ts'
import type { Disk } from '../../scripts/ports.ts'
import { readRelease, releaseFiles } from '../../scripts/releases/record.ts'
import { parseEnvFile } from '../../scripts/settings/env-file.ts'
import { imageVariable } from '../../scripts/stack/colours.ts'
import { replicasOf } from './compose.ts'
import { promised } from './disk.ts'
import type { Host } from './host.ts'
import { becomesReady } from './images.ts'
import { type Expected, SERVICES } from './stack.ts'
import { versionOf } from './temporal.ts'

const IMAGES = ['API_BLUE_IMAGE', 'API_GREEN_IMAGE', 'BACKGROUND_IMAGE'] as const

/** Ends of commands that brought the new release; any other end left, or brought back, the old one. */
const succeeded = (end: { result?: string; reason?: unknown }): boolean =>
  end.reason === undefined && ['deployed', 'rolled-back', 'switched'].includes(String(end.result))

/** Applies what the journal says has ended since `seen` commands to what the stack must look like. */
export async function follow(host: Host, expected: Expected, seen: Set<string>): Promise<string[]> {
  const disk = promised(host.disk)
  const entries = await readJournal(disk)
  const problems: string[] = []
  for (const begin of entries.filter(({ event }) => event === 'begin')) {
    if (seen.has(begin.id)) continue
    seen.add(begin.id)
    const end = entries.find(({ id, event }) => id === begin.id && event === 'end')
    const plan = begin.plan as Plan
    if (!end) problems.push(`${begin.command} ${begin.id} has no end in the journal`)
    else if (succeeded(end)) await apply(disk, expected, plan)
    if (plan.from === plan.to && plan.command !== 'switch') problems.push(`${begin.id} goes nowhere`)
  }
  const open = unfinished(entries)
  if (open) problems.push(`${open.command} ${open.id} is unfinished`)
  return problems
}

async function apply(disk: Disk, expected: Expected, plan: Plan): Promise<void> {
  const served = expected[imageVariable(expected.active)]
  if (served !== plan.image) expected.previous = served
  expected.active = plan.to
  const { mode, reason } = plan.workers
  expected.unfollowed = plan.command === 'switch' && mode === 'simple' && /does not answer/.test(reason ?? '')
  // A deploy loads haproxy.cfg as it was recorded; nothing else has to.
  if (plan.command === 'deploy') expected.running = expected.configuration
  if (plan.command === 'switch') return
  expected[imageVariable(plan.to)] = plan.image
  expected.BACKGROUND_IMAGE = plan.image
  const release = plan.restore === undefined ? undefined : await readRelease(disk, plan.restore)
  if (!release) return
  const files = await releaseFiles(disk, release)
  expected.API_MEMORY = parseEnvFile(files.get('.env') ?? '').API_MEMORY ?? ''
  expected.compose = files.get('docker-compose.yml') ?? ''
  expected.configuration = expected.running = files.get(CONFIGURATION) ?? ''
}

/** Everything that must be so when no command is at work: exactly one release, fully. */
export async function audit(host: Host, expected: Expected): Promise<string[]> {
  const { disk, edge, containers } = host
  const problems: string[] = []
  const check = (holds: boolean, problem: string) => holds || problems.push(problem)

  const wanted = formatRoutes({ active: expected.active, weight: 0 })
  const running = [...edge.map].map((pair) => `${pair.join(' ')}\n`).join('')
  check(disk.read(ROUTES_FILE) === wanted, `the map file says ${disk.read(ROUTES_FILE)}instead of ${wanted}`)
  check(running === wanted, `the running map says ${running}instead of ${wanted}`)

  const env = parseEnvFile(disk.read('.env') ?? '')
  for (const name of [...IMAGES, 'API_MEMORY'] as const) {
    check(env[name] === expected[name], `.env says ${name}=${env[name]}, not ${expected[name]}`)
  }
  check(disk.read('docker-compose.yml') === expected.compose, 'docker-compose.yml is of another release')

  check(disk.read(CONFIGURATION) === expected.configuration, 'haproxy.cfg is of another release')
  const loaded = [expected.configuration, expected.running].includes(edge.configuration)
  check(loaded, `HAProxy runs with ${edge.configuration.trim()}, not ${expected.running.trim()}`)
  expected.running = edge.configuration

  const image = {
    ecomweb_api_blue: env.API_BLUE_IMAGE,
    ecomweb_api_green: env.API_GREEN_IMAGE,
    ecomweb_worker_previous: env.WORKER_PREVIOUS_IMAGE,
  }
  for (const service of SERVICES) {
    const replicas = replicasOf(env, service)
    const all = containers.of(service)
    check(all.length === replicas, `${service} has ${all.length} containers, not ${replicas}`)
    const reference = image[service as keyof typeof image] ?? env.BACKGROUND_IMAGE
    for (const container of all) {
      check(
        container.reference === reference,
        `${container.name} runs ${container.reference}, not ${reference}`,
      )
      check(['running', 'restarting'].includes(container.status), `${container.name} is ${container.status}`)
      check(!/^[0-9a-f]{12}_/.test(container.name), `${container.name} has a name for the time of its making`)
      if (becomesReady(container.image, service)) check(container.ready, `${container.name} is not ready`)
    }
  }
  check(host.oneOffs.size === 0, 'a container of `docker compose run` is still there')
  check(host.clients.size === 0 && !host.lock.held, 'a command is still running')
  problems.push(...versionProblems(host, expected))
  problems.push(...(await lostReleases(host, expected)))
  return problems
}

/** Workflows begin and go on: with the release that serves, and each on the version that it is pinned to. */
function versionProblems(host: Host, expected: Expected): string[] {
  const { temporal } = host
  if (!temporal.knows) return []
  const serving = host.image(expected[imageVariable(expected.active)])
  const wanted = serving ? versionOf(serving) : ''
  // After a switch of traffic alone the first service runs another release; after a power cut it may be the first to
  // be back, and then goes on with what has begun meanwhile.
  const first = host.image(expected.BACKGROUND_IMAGE)
  const alone = temporal.tookOver && first !== undefined && temporal.current === versionOf(first)
  return [
    ...(temporal.current === wanted || alone || expected.unfollowed
      ? []
      : [`version ${temporal.current} is current, not ${wanted}`]),
    ...temporal.stranded().map((version) => `workflows run on version ${version}, which has no workers`),
  ]
}

/** What served before, and what serves, must be there to go back to: the image, and a whole record where one was made. */
async function lostReleases(host: Host, expected: Expected): Promise<string[]> {
  const disk = promised(host.disk)
  const problems: string[] = []
  const live = (await readJournal(disk)).filter(
    ({ event, result }) => event === 'end' && result === 'deployed',
  )
  for (const image of [expected.previous, expected[imageVariable(expected.active)]]) {
    if (!host.images.has(image)) problems.push(`image ${image}, which served, is lost`)
    const ids = live.flatMap((end) => (end.image === image ? [end.id] : []))
    const whole = await Promise.all(ids.map((id) => isWhole(disk, id)))
    if (ids.length > 0 && !whole.includes(true))
      problems.push(`no record of release ${ids.join(', ')} is whole`)
  }
  return problems
}

async function isWhole(disk: Disk, id: string): Promise<boolean> {
  const release = await readRelease(disk, id)
  const files = release && (await releaseFiles(disk, release).catch(() => undefined))
  return files !== undefined
}
