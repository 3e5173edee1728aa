import { describe, expect, it } from 'vitest'
import { edgeTimeout } from '../../../scripts/preflight/checks/edge-timeouts.ts'
import { parseKitSettings } from '../../../scripts/settings/kit-settings.ts'
import { findings, good, SERVICES } from './facts.fixture.ts'

const api = (given: object) =>
  SERVICES.map((one) => (one.name === 'ecomweb_api_blue' ? { ...one, ...given } : one))

type Changed = NonNullable<Parameters<typeof findings>[0]>

describe('time limits', () => {
  it.each<[string, Changed, RegExp]>([
    [
      'a request longer than the drain',
      { declared: { APP_LONGEST_REQUEST_MS: '35000' } },
      /APP_LONGEST_REQUEST_MS \(35000 ms\) must be shorter than APP_DRAIN_LIMIT_MS/,
    ],
    [
      'a drain as long as kill_timeout',
      { declared: { APP_DRAIN_LIMIT_MS: '41000' } },
      /APP_DRAIN_LIMIT_MS \(41000 ms\) must be shorter than PM2 kill_timeout/,
    ],
    [
      'a grace period below kill_timeout',
      { services: api({ stopGraceMs: 10_000 }) },
      /PM2 kill_timeout \(40000 ms\) must be shorter than stop_grace_period of ecomweb_api_blue \(10000 ms\)/,
    ],
    [
      "Temporal's grace above its force",
      { declared: { TEMPORAL_SHUTDOWN_GRACE_MS: '31000' } },
      /TEMPORAL_SHUTDOWN_GRACE_MS \(31000 ms\) must be shorter than TEMPORAL_SHUTDOWN_FORCE_MS/,
    ],
    [
      "Temporal's force above kill_timeout",
      { declared: { TEMPORAL_SHUTDOWN_FORCE_MS: '41000' } },
      /TEMPORAL_SHUTDOWN_FORCE_MS \(41000 ms\) must be shorter than PM2 kill_timeout/,
    ],
    [
      'a keep-alive below the edge',
      { declared: { APP_KEEP_ALIVE_MS: '5000' } },
      /timeout server of HAProxy \(75000 ms\) must be shorter than APP_KEEP_ALIVE_MS/,
    ],
    [
      'an edge that waits less than a request may take',
      { edgeConfiguration: 'timeout server 20s' },
      /APP_LONGEST_REQUEST_MS \(30000 ms\) must be shorter than timeout server of HAProxy/,
    ],
  ])('%s stops', (_, { declared = {}, ...changed }, what) => {
    const found = findings({ ...changed, declared: { ...good.declared, ...declared } })
    expect(found[0]).toMatchObject({ check: 'time-limits', level: 'stop', what: expect.stringMatching(what) })
  })
  it('what .env.api sets counts more than what the image declares', () => {
    const environment = { ECOMWEB_ROLE: 'api', APP_DRAIN_LIMIT_MS: '41000' }
    expect(findings({ services: api({ environment }) })).toMatchObject([
      { what: 'APP_DRAIN_LIMIT_MS (41000 ms) must be shorter than PM2 kill_timeout (40000 ms)' },
    ])
  })
  it('an image that does not declare its limits is told so once', () => {
    expect(findings({ declared: {} })).toMatchObject([
      {
        check: 'time-limits',
        level: 'warn',
        what: expect.stringMatching(/APP_LONGEST_REQUEST_MS, APP_DRAIN_LIMIT_MS/),
      },
    ])
  })
})

describe("HAProxy's time-outs", () => {
  it.each([
    ['  timeout server 75s\n', 75_000],
    ['  timeout server 75\n', 75],
    ['  timeout server 1m # slow\nbackend x\n\ttimeout  server 2m\n', 120_000],
    ['  # timeout server 75s\n', undefined],
  ])('%j is %s ms', (text, ms) => expect(edgeTimeout(text, 'timeout server')).toBe(ms))
})

describe('connections', () => {
  // api 2 x 2 x 5, cron 5, worker and the previous 2 x 2 x 5, Temporal 4 x (8 + 4), 6 for the migration
  const needed = 20 + 5 + 20 + 48 + 6
  const kitSettings = parseKitSettings('x-ecomweb: { autoscale: { max: 1 } }')
  it('adds up both colours, both workers, cron, Temporal and the migration', () => {
    const enough = { max: needed + 3, reserved: 3, others: 0, aheadMs: 0 }
    expect(findings({ kitSettings, database: enough })).toEqual([])
    const [found] = findings({ database: { max: needed + 2, reserved: 3, others: 0, aheadMs: 0 } })
    expect(found).toMatchObject({
      check: 'connections',
      level: 'stop',
      what: `a deploy may open ${needed} connections (api_blue 10 + api_green 10 + cron 5 + worker 10 + worker_previous 10 + temporal 48 + migration 6), PostgreSQL grants ${needed - 1}`,
    })
  })
  it('counts a second application of a container with its own pool', () => {
    const processes = good.processes.map((one) =>
      one.service === 'ecomweb_api_green' ? { ...one, apps: [...one.apps, { instances: 1, pool: 2 }] } : one,
    )
    const [found] = findings({ processes, database: { max: needed + 2, reserved: 0, others: 1, aheadMs: 0 } })
    expect(found?.what).toMatch(/api_blue 10 \+ api_green 12/)
  })
  it('counts those of others as taken', () => {
    expect(findings({ database: { max: 200, reserved: 3, others: 150, aheadMs: 0 } })[0]?.why).toMatch(
      /150 of others/,
    )
  })
  it('takes the pool from .env.api', () => {
    const services = SERVICES.map((one) => ({
      ...one,
      environment: { ...one.environment, DATABASE_POOL: '20' },
    }))
    expect(findings({ services })[0]?.what).toMatch(/^a deploy may open 234 connections/)
  })
  it('leaves Temporal out when it keeps its data elsewhere', () => {
    const app = { ...good.files.app, DATABASE_URL: 'postgresql://a:b@db.example.com:5432/shop' }
    const database = { max: needed - 48 + 3, reserved: 3, others: 0, aheadMs: 0 }
    expect(findings({ kitSettings, files: { ...good.files, app }, database })).toEqual([])
  })
  it('warns of a number of workers to which the autoscaler may go and PostgreSQL may not', () => {
    const database = { max: needed + 2 * 40 + 3, reserved: 3, others: 0, aheadMs: 0 }
    expect(findings({ database })).toEqual([])
    expect(findings({ database: { ...database, others: 1 } })).toMatchObject([
      { check: 'connections', level: 'warn', what: expect.stringMatching(/^with 5 workers.* may open 179/) },
    ])
  })
})
