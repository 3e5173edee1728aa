import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { parse } from 'yaml'

const read = <T>(file: string): T =>
  parse(readFileSync(join(import.meta.dirname, '../..', file), 'utf8'), {
    merge: true,
    maxAliasCount: -1,
  }) as T

const { services } = read<{
  services: Record<
    string,
    { environment: Record<string, string>; deploy: { resources: { limits: { memory: string } } } }
  >
}>('docker-compose.yml')
const dynamic = read<Record<string, [{ value: number }]>>('volumes/temporal/dynamicconfig.yaml')

/** Measured: 10,400 orders filled 512 MB, of which the idle server takes 200. */
const EXECUTION_MB = 0.03
const IDLE_MB = 200

/** The default of a `${NAME:-default}` in MB. */
const megabytes = (text: string): number => Number(/:-(\d+)M(iB)?\}$/.exec(text)?.[1])

it('what Temporal keeps in memory leaves room in its container, whatever number of orders there were', () => {
  const { environment, deploy } = services.ecomweb_temporal ?? {}
  const limit = megabytes(deploy?.resources.limits.memory ?? '')
  const soft = megabytes(environment?.GOMEMLIMIT ?? '')
  expect(soft).toBeLessThanOrEqual(limit * 0.8)
  const kept = (dynamic['history.hostLevelCacheMaxSize']?.[0].value ?? 256_000) * EXECUTION_MB
  expect(IDLE_MB + kept).toBeLessThan(soft)
})
