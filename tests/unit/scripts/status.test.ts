import { describe, expect, it } from 'vitest'
import type { Container } from '../../../scripts/docker/containers.ts'
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
