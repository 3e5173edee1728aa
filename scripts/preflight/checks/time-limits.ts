import { check, type Found, stop, unlessSeen, warn } from '../check.ts'
import { edgeTimeout } from './edge-timeouts.ts'

/** A limit with the place that says so. Milliseconds; undefined where nobody says. */
export type Limit = { name: string; ms: number | undefined; place: string }

const HARM = {
  request: 'a request that is still allowed to run would be cut off at a deploy',
  worker: 'a worker would be killed while an activity still runs',
  keepAlive: 'the application would close a connection just as HAProxy sends a request down it',
  edge: 'HAProxy would answer 504 to a request that is still allowed to run',
}

/**
 * The inequality of design section 4, each limit strictly shorter than the next:
 * longest request < drain limit < PM2 kill_timeout < stop_grace_period, for each service;
 * Temporal's grace < force < kill_timeout; and Node's keep-alive at least HAProxy's longest wait.
 */
export const timeLimitsCheck = check({
  id: 'time-limits',
  title: 'Each time-out shorter than the next',
  needs: ['services', 'processes', 'candidate', 'declared', 'edgeConfiguration'],
  look({ services, processes, candidate, declared, edgeConfiguration }) {
    const chains = processes.flatMap(({ service, killTimeoutMs }) => {
      const found = services.find(({ name }) => name === service)
      if (!found) return []
      const effective = { ...declared, ...withoutEmpty(found.environment) }
      const limit = (name: string): Limit => ({
        name,
        ms: number(effective[name]),
        place: 'the image (ENV) or .env.api',
      })
      const role = effective.ECOMWEB_ROLE
      const kill = { name: 'PM2 kill_timeout', ms: killTimeoutMs, place: `ecosystem.${role}.config.js` }
      const grace = {
        name: `stop_grace_period of ${service}`,
        ms: found.stopGraceMs,
        place: 'docker-compose.yml',
      }
      if (role === 'worker') {
        const worker = ['TEMPORAL_SHUTDOWN_GRACE_MS', 'TEMPORAL_SHUTDOWN_FORCE_MS'].map(limit)
        return ascending([...worker, kill, grace], HARM.worker)
      }
      const request = role === 'api' ? [limit('APP_LONGEST_REQUEST_MS')] : []
      return ascending([...request, limit('APP_DRAIN_LIMIT_MS'), kill, grace], HARM.request)
    })
    const found = [
      ...chains,
      ...besideEdge(declared, services, edgeConfiguration),
      ...(candidate.image ? undeclared(declared) : []),
    ]
    const unique = found.filter(({ what }, at) => found.findIndex((other) => other.what === what) === at)
    return unlessSeen(unique, summary(declared, processes[0]?.killTimeoutMs, services))
  },
})

/** Every neighbour that is not longer than the one before; what nobody declares is passed over. */
export function ascending(limits: Limit[], harm: string): Found[] {
  return limits.slice(1).flatMap((next, index) => {
    const before = limits[index] as Limit
    if (before.ms === undefined || next.ms === undefined || before.ms < next.ms) return []
    return [notShorter(before, next, harm)]
  })
}

function besideEdge(
  declared: Record<string, string>,
  services: { name: string; environment: Record<string, string> }[],
  configuration: string,
): Found[] {
  const api = services.find(({ environment }) => environment.ECOMWEB_ROLE === 'api')
  const effective = { ...declared, ...withoutEmpty(api?.environment ?? {}) }
  const place = 'the image (ENV) or .env.api'
  const keepAlive = { name: 'APP_KEEP_ALIVE_MS', ms: number(effective.APP_KEEP_ALIVE_MS), place }
  const request = { name: 'APP_LONGEST_REQUEST_MS', ms: number(effective.APP_LONGEST_REQUEST_MS), place }
  const waits = ['timeout server', 'timeout http-keep-alive'].map((name) => ({
    name: `${name} of HAProxy`,
    ms: edgeTimeout(configuration, name) ?? 0,
    place: 'haproxy/haproxy.cfg',
  }))
  const found: Found[] = []
  for (const wait of waits) {
    // As long is long enough: HAProxy counts from its last byte, which comes before the application's.
    if (keepAlive.ms !== undefined && wait.ms > keepAlive.ms)
      found.push(notShorter(wait, keepAlive, HARM.keepAlive))
  }
  const server = waits[0] as Limit
  if (request.ms !== undefined && server.ms && request.ms >= server.ms) {
    found.push(notShorter(request, server, HARM.edge))
  }
  return found
}

const notShorter = (before: Limit, next: Limit, harm: string): Found =>
  stop(
    `${before.name} (${before.ms} ms) must be shorter than ${next.name} (${next.ms} ms)`,
    harm,
    `lower the first in ${before.place}, or raise the second in ${next.place}`,
  )

/** What an image declares of its own limits, in milliseconds. */
const DECLARED = [
  'APP_LONGEST_REQUEST_MS',
  'APP_DRAIN_LIMIT_MS',
  'APP_KEEP_ALIVE_MS',
  'TEMPORAL_SHUTDOWN_GRACE_MS',
  'TEMPORAL_SHUTDOWN_FORCE_MS',
]

function undeclared(declared: Record<string, string>): Found[] {
  const missing = DECLARED.filter((name) => number(declared[name]) === undefined)
  if (missing.length === 0) return []
  return [
    warn(
      `the image does not declare ${missing.join(', ')}`,
      'whether its processes are given long enough to end cannot be checked',
      'ENV NAME=milliseconds in its Dockerfile (DEPLOYMENT.md, "The image contract")',
    ),
  ]
}

const summary = (
  declared: Record<string, string>,
  killMs: number | undefined,
  services: { stopGraceMs: number; environment: Record<string, string> }[],
): string => {
  const grace = services.find(({ environment }) => environment.ECOMWEB_ROLE === 'api')?.stopGraceMs
  const limits = [number(declared.APP_LONGEST_REQUEST_MS), number(declared.APP_DRAIN_LIMIT_MS), killMs, grace]
  return limits.map((ms) => (ms === undefined ? '?' : `${ms / 1000} s`)).join(' < ')
}

const number = (text: string | undefined): number | undefined =>
  text !== undefined && /^\d+$/.test(text) ? Number(text) : undefined

/** Compose can blank a variable but not remove it. */
const withoutEmpty = (values: Record<string, string>): Record<string, string> =>
  Object.fromEntries(Object.entries(values).filter(([, value]) => value !== ''))
