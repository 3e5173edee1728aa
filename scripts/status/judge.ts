import { shortId } from '../docker/application-image.ts'
import type { Container } from '../docker/containers.ts'
import { sameRoutes } from '../haproxy/routes.ts'
import { isServing } from '../haproxy/stats.ts'
import type { StackEnv } from '../settings/stack-env.ts'
import { apiService, COLOURS, type Colour, imageVariable } from '../stack/colours.ts'
import { inWords } from '../workers/build-id.ts'
import { PREVIOUS, WORKER } from '../workers/services.ts'
import type { Observed, Seen } from './observe.ts'
import type { Check, ColourReport, Report } from './report.ts'

/** Turns what was observed into named checks and drift; pure. */
export function judge(seen: Observed, env: StackEnv): Report {
  const active = 'value' in seen.running ? seen.running.value.active : null
  const checks = [...edgeChecks(seen, active), ...backgroundChecks(seen, env), ...dataChecks(seen)]
  return {
    ok: checks.every((check) => check.ok),
    active,
    checks,
    colours: { blue: colourReport(seen, 'blue'), green: colourReport(seen, 'green') },
    background: {
      image: service(seen, 'ecomweb_cron')[0]?.image ?? '',
      cron: service(seen, 'ecomweb_cron')[0]?.health ?? 'absent',
      workers: `${healthy(service(seen, 'ecomweb_worker'))}/${env.WORKER_REPLICAS}`,
      task_queue: 'value' in seen.pollers ? `${seen.pollers.value.length} pollers` : seen.pollers.error,
    },
    cron_slots: 'value' in seen.database ? seen.database.value.slots : [],
    drift: drift(seen, env),
  }
}

/** A check over something seen; not seeing it fails the check with the reason. */
function check<T>(name: string, seen: Seen<T>, look: (value: T) => [ok: boolean, detail: string]): Check {
  if ('error' in seen) return { name, ok: false, detail: seen.error }
  const [ok, detail] = look(seen.value)
  return { name, ok, detail }
}

const edgeChecks = (seen: Observed, active: Colour | null): Check[] => [
  ...COLOURS.map((colour) =>
    check(`API health check responds (${colour})`, seen.health[colour], ({ status, body }) => [
      status === 200,
      `${status} ${body.slice(0, 40)}`,
    ]),
  ),
  check('HAProxy statistics page accessible', seen.statsPage, ({ status }) => [
    status === 200,
    `answers ${status}`,
  ]),
  check('Blue and green both listed in HAProxy', seen.haproxy, ({ blue, green }) => [
    blue.status !== 'absent' && green.status !== 'absent',
    `blue ${blue.status} ${blue.check}, green ${green.status} ${green.check}`,
  ]),
  check('Active colour serves', seen.haproxy, (stats) => [
    active !== null && isServing(stats[active]),
    active ? `${active} is ${stats[active].status}` : 'no active colour',
  ]),
]

function backgroundChecks(seen: Observed, env: StackEnv): Check[] {
  const cron = service(seen, 'ecomweb_cron')
  const [workers, before] = [service(seen, WORKER), service(seen, PREVIOUS)]
  const expected = env.WORKER_PREVIOUS_REPLICAS
  const beside = expected > 0 ? `, previous ${healthy(before)}/${expected}` : ''
  const apis = COLOURS.map((colour) => ({ ...colourReport(seen, colour), beside: besideApi(seen, colour) }))
  const [blue, green] = apis.map(({ workers, beside }) => `${workers}${beside ? ` + reports ${beside}` : ''}`)
  return [
    { name: 'Cron started', ok: healthy(cron) === 1, detail: cron[0]?.health ?? 'it has no container' },
    check('Workers connected to Temporal', seen.pollers, (pollers) => [
      env.WORKER_REPLICAS === 0 || pollers.length > 0,
      `${pollers.length} processes poll`,
    ]),
    {
      name: 'PM2 processes run in each container',
      ok:
        apis.every(({ ready, beside }) => ready && beside !== '0/1') &&
        healthy(cron) === 1 &&
        healthy(workers) === env.WORKER_REPLICAS &&
        healthy(before) === env.WORKER_PREVIOUS_REPLICAS,
      detail: `blue ${blue}, green ${green}, cron ${healthy(cron)}/1, worker ${healthy(workers)}/${env.WORKER_REPLICAS}${beside}`,
    },
  ]
}

const dataChecks = (seen: Observed): Check[] => [
  check('Redis connections stable', seen.redis, ({ clients, rejected }) => [
    clients > 0 && rejected === 0,
    `${clients} connected, ${rejected} refused`,
  ]),
  check('Database migrations completed', seen.database, ({ migrations }) => {
    const failed = migrations.filter(({ finished, rolledBack }) => !finished && !rolledBack)
    const applied = migrations.filter(({ finished, rolledBack }) => finished && !rolledBack)
    return [
      failed.length === 0 && applied.length > 0,
      failed.length > 0
        ? `failed: ${failed.map(({ name }) => name).join(', ')}`
        : `${applied.length} applied`,
    ]
  }),
]

function colourReport(seen: Observed, colour: Colour): ColourReport {
  const container = service(seen, apiService(colour))[0]
  const ready = 'value' in seen.ready[colour] ? seen.ready[colour].value : undefined
  const stats = 'value' in seen.haproxy ? seen.haproxy.value[colour] : undefined
  const { ready: count = 0, expected = 0 } = ready?.workers ?? {}
  return {
    image: container?.image ?? '',
    age_s: container?.running ? Math.max(0, Math.round((seen.now - container.startedAt) / 1000)) : 0,
    ready: ready?.ready === true && count >= expected,
    workers: `${count}/${expected}`,
    haproxy: stats ? `${stats.status} ${stats.check}`.trim() : 'unknown',
    in_flight: stats ? stats.sessions + stats.queued : 0,
  }
}

/** Processes of the reports backend that run, of those that should; undefined where an image has none. */
function besideApi({ reports }: Observed, colour: Colour): '1/1' | '0/1' | undefined {
  const seen = reports[colour]
  if (!('value' in seen) || seen.value === undefined) return undefined
  return seen.value === 'up' ? '1/1' : '0/1'
}

function drift(seen: Observed, env: StackEnv): Report['drift'] {
  const found: Report['drift'] = []
  if ('value' in seen.file && 'value' in seen.running && !sameRoutes(seen.file.value, seen.running.value)) {
    found.push({
      kind: 'route',
      what: `HAProxy serves ${seen.running.value.active}, routes.map says ${seen.file.value.active}`,
      repair: `./ecomweb switch ${seen.running.value.active}`,
    })
  }
  const wanted: [string, string, string][] = [
    ...COLOURS.map((colour): [string, string, string] => [
      apiService(colour),
      imageVariable(colour),
      env[imageVariable(colour)],
    ]),
    ['ecomweb_cron', 'BACKGROUND_IMAGE', env.BACKGROUND_IMAGE],
    [WORKER, 'BACKGROUND_IMAGE', env.BACKGROUND_IMAGE],
    [PREVIOUS, 'WORKER_PREVIOUS_IMAGE', env.WORKER_PREVIOUS_IMAGE],
  ]
  for (const [name, variable, image] of wanted) {
    for (const container of service(seen, name)) {
      if (container.image === image) continue
      found.push({
        kind: 'image',
        what: `${container.name} runs ${shortId(container.image)}, .env says ${variable}=${shortId(image)}`,
        repair: `set ${variable}=${container.image} in .env to keep what runs, or: docker compose up -d --no-deps ${name}`,
      })
    }
  }
  for (const [name, variable] of [
    [WORKER, 'WORKER_REPLICAS'],
    [PREVIOUS, 'WORKER_PREVIOUS_REPLICAS'],
  ] as const) {
    const workers = service(seen, name).length
    if (workers === env[variable]) continue
    found.push({
      kind: 'scale',
      what: `${workers} ${name === WORKER ? 'worker containers' : `containers of ${name}`}, .env says ${variable}=${env[variable]}`,
      repair: `set ${variable}=${workers} in .env, or: docker compose up -d --no-deps ${name}`,
    })
  }
  return [...found, ...versionDrift(seen)]
}

/** Workflows begin with the release that serves, and each goes on with the version that it began on. */
function versionDrift({ versions }: Observed): Report['drift'] {
  if ('error' in versions || !versions.value.routing) return []
  const { routing, serving } = versions.value
  const alone = routing.versions.filter(({ running, pollers }) => running > 0 && pollers.length === 0)
  return [
    ...(routing.current === serving
      ? []
      : [
          {
            kind: 'version' as const,
            what: `the release that serves is ${inWords(serving)}, but ${inWords(routing.current)} is current in Temporal`,
            repair: './ecomweb workers promote',
          },
        ]),
    ...alone.map(({ buildId, running }) => ({
      kind: 'version' as const,
      what: `${running} workflows run on ${inWords(buildId)}, which has no workers`,
      repair: `./ecomweb workers status; the current workers take over what they can go on with, within minutes`,
    })),
  ]
}

const service = (seen: Observed, name: string): Container[] =>
  seen.containers.filter((c) => c.service === name)
const healthy = (containers: Container[]): number => containers.filter((c) => c.health === 'healthy').length
