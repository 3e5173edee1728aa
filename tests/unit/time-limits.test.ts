import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { expect, it } from 'vitest'
import { parse } from 'yaml'
import { readEnv } from '../../apps/core/env.ts'
import { timeLimitsCheck } from '../../scripts/preflight/checks/time-limits.ts'
import type { FactValues, Service } from '../../scripts/preflight/facts.ts'
import { parseComposition } from '../../scripts/preflight/look/composition.ts'

const { apps } = createRequire(import.meta.url)('../../volumes/backend-api/pm2.js') as {
  apps(...list: object[]): [{ kill_timeout: number }]
}
const compose = parse(readFileSync('docker-compose.yml', 'utf8'), { merge: true, maxAliasCount: -1 })
const dockerfile = readFileSync('images/app/Dockerfile', 'utf8')
const declared = Object.fromEntries(
  [...dockerfile.matchAll(/^ {4}(\w+_MS)=(\d+) /gm)].map(([, name, value]) => [String(name), String(value)]),
)

const ROLES: Record<string, string> = {
  ecomweb_api_blue: 'api',
  ecomweb_api_green: 'api',
  ecomweb_cron: 'cron',
  ecomweb_worker: 'worker',
  ecomweb_worker_previous: 'worker',
}
const services: Service[] = parseComposition(JSON.stringify(compose)).filter(({ name }) => name in ROLES)
const [{ kill_timeout: killTimeoutMs }] = apps({ name: 'x', script: 'x', instances: 1 })

it('each limit that the repository ships is shorter than the next', () => {
  expect(services.map(({ name }) => name).toSorted()).toEqual(Object.keys(ROLES))
  expect(services.map(({ name, environment }) => [name, environment.ECOMWEB_ROLE])).toEqual(
    services.map(({ name }) => [name, ROLES[name]]),
  )
  const facts = {
    services,
    processes: services.map(({ name }) => ({ service: name, apps: [{ instances: 2 }], killTimeoutMs })),
    candidate: { image: {} },
    declared,
    edgeConfiguration: readFileSync('haproxy/haproxy.cfg', 'utf8'),
  } as unknown as FactValues
  expect(timeLimitsCheck.look(facts)).toBe('30 s < 35 s < 40 s < 45 s')
})

it('the image declares what the application does by itself', () => {
  const env = readEnv({
    DATABASE_URL: 'postgresql://a:b@db:5432/shop',
    REDIS_URL: 'redis://r:6379',
    TEMPORAL_ADDRESS: 't:7233',
  })
  for (const [name, value] of Object.entries(declared)) {
    if (name !== 'APP_LONGEST_REQUEST_MS') expect(env).toHaveProperty(name, Number(value))
  }
  expect(Object.keys(declared)).toHaveLength(5)
})
