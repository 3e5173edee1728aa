import { describe, expect, it } from 'vitest'
import type { Container } from '../../../scripts/docker/containers.ts'
import type { Routing } from '../../../scripts/ports.ts'
import { parseStackEnv } from '../../../scripts/settings/stack-env.ts'
import { reportsOf } from '../../../scripts/stack/probe.ts'
import { judge } from '../../../scripts/status/judge.ts'
import type { Observed } from '../../../scripts/status/observe.ts'

const missing = { error: 'not looked at' }
const ready = { value: { ready: true, workers: { ready: 2, expected: 2 } } }
const container = (service: string) => ({ service, health: 'healthy', running: true }) as Container

const processes = (blue: Observed['reports']['blue'], green: Observed['reports']['green']) => {
  const seen: Observed = {
    now: 0,
    containers: [container('ecomweb_cron'), container('ecomweb_worker')],
    ...{ file: missing, running: missing, haproxy: missing, statsPage: missing },
    ...{ database: missing, redis: missing, pollers: missing, versions: missing },
    health: { blue: missing, green: missing },
    ready: { blue: ready, green: ready },
    reports: { blue, green },
  }
  const { checks } = judge(seen, parseStackEnv({}))
  return checks.find(({ name }) => name === 'PM2 processes run in each container')
}

describe('the processes of each container', () => {
  it('are those of the API, cron and workers where an image has no more', () => {
    expect(processes({ value: undefined }, missing)).toMatchObject({
      ok: true,
      detail: 'blue 2/2, green 2/2, cron 1/1, worker 1/1',
    })
  })
  it('include a reports backend beside the API', () => {
    expect(processes({ value: 'up' }, { value: 'up' })).toMatchObject({
      ok: true,
      detail: 'blue 2/2 + reports 1/1, green 2/2 + reports 1/1, cron 1/1, worker 1/1',
    })
  })
  it('do not all run when that is away', () => {
    expect(processes({ value: 'up' }, { value: 'down' })).toMatchObject({
      ok: false,
      detail: expect.stringContaining('green 2/2 + reports 0/1'),
    })
  })
  it('are known by what /api/health says', () => {
    expect(reportsOf('{"status":"degraded","services":{"database":"up","reports":"down"}}')).toBe('down')
    expect(reportsOf('{"services":{"database":"up"}}')).toBeUndefined()
    expect(reportsOf('<html>')).toBeUndefined()
  })
})

describe('worker versions', () => {
  const version = (buildId: string, pollers: string[], running: number) => ({
    ...{ buildId, pollers, running, status: 'draining' as const },
  })
  const drift = (routing: Routing | undefined, serving = 'b') => {
    const seen = { containers: [], versions: { value: { routing, serving } } }
    const all = { ...unseen, ...seen } as unknown as Observed
    return judge(all, parseStackEnv({ WORKER_REPLICAS: '0' })).drift
  }
  const unseen = Object.fromEntries(
    ['file', 'running', 'haproxy', 'statsPage', 'database', 'redis', 'pollers'].map((name) => [
      name,
      missing,
    ]),
  )
  Object.assign(unseen, {
    health: { blue: missing, green: missing },
    ready: { blue: missing, green: missing },
    reports: { blue: missing, green: missing },
  })

  it('are well where that of the release that serves is current, and each has its workers', () => {
    const versions = [version('a', ['1'], 3), version('b', ['2'], 1), version('c', [], 0)]
    expect(drift({ current: 'b', settling: false, versions })).toEqual([])
    expect(drift(undefined)).toEqual([])
  })
  it('drift where another one is current, with the command that mends it', () =>
    expect(drift({ current: 'a', settling: false, versions: [] })).toMatchObject([
      {
        kind: 'version',
        what: expect.stringMatching(/version b.*version a/),
        repair: './ecomweb workers promote',
      },
    ]))
  it('drift where workflows have nobody to go on with', () =>
    expect(drift({ current: 'b', settling: false, versions: [version('a', [], 7)] })).toMatchObject([
      { kind: 'version', what: '7 workflows run on version a, which has no workers' },
    ]))
  it('drift where the second service runs other than .env says', () => {
    const containers = [{ ...container('ecomweb_worker_previous'), name: 'w', image: 'x' }]
    const all = { ...unseen, containers, versions: missing } as unknown as Observed
    const found = judge(all, parseStackEnv({ WORKER_REPLICAS: '0', WORKER_PREVIOUS_IMAGE: 'y' })).drift
    expect(found.map(({ kind }) => kind)).toEqual(['image', 'scale'])
  })
})
