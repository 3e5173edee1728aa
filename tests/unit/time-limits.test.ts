import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { expect, it } from 'vitest'
import { parse } from 'yaml'
import { DRAIN_LIMIT_MS } from '../../apps/api/shutdown.ts'
import { parseDuration } from '../../scripts/settings/duration.ts'

const { app } = createRequire(import.meta.url)('../../volumes/backend-api/pm2.js') as {
  app(options: object): { kill_timeout: number }
}
const worker = readFileSync('apps/worker/main.ts', 'utf8')
const api = readFileSync('apps/api/listen.ts', 'utf8')
const haproxy = readFileSync('haproxy/haproxy.cfg', 'utf8')
const compose = parse(readFileSync('docker-compose.yml', 'utf8'), { merge: true, maxAliasCount: -1 })

const setting = (text: string, pattern: RegExp): number => {
  const value = pattern.exec(text)?.[1]
  if (value === undefined) throw new Error(`nothing matches ${pattern}`)
  return parseDuration(value) ?? Number(value.replaceAll('_', ''))
}
const ascending = (...limits: number[]) => expect(limits).toEqual(limits.toSorted((a, b) => a - b))

const killTimeout = app({ name: 'x', script: 'x', instances: 1 }).kill_timeout
const services = [
  'ecomweb_api_blue',
  'ecomweb_api_green',
  'ecomweb_cron',
  'ecomweb_worker',
  'ecomweb_worker_previous',
]

it.each(services)('%s is given longer to stop than PM2 gives its processes', (service) => {
  expect(parseDuration(compose.services[service].stop_grace_period)).toBeGreaterThan(killTimeout)
})
it('PM2 waits longer than the API drains', () => ascending(DRAIN_LIMIT_MS, killTimeout))
it('PM2 waits longer than the worker, which waits longer than its activities are given', () => {
  ascending(
    setting(worker, /shutdownGraceTime: '(\w+)'/),
    setting(worker, /shutdownForceTime: '(\w+)'/),
    killTimeout,
  )
})
it('Node keeps idle connections longer than HAProxy waits for an answer', () => {
  expect(setting(api, /keepAliveTimeout = ([\d_]+)/)).toBeGreaterThanOrEqual(
    setting(haproxy, /timeout server (\w+)/),
  )
})
