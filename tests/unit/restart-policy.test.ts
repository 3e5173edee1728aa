import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { parse } from 'yaml'

const file = readFileSync(join(import.meta.dirname, '../../docker-compose.yml'), 'utf8')
const { services } = parse(file, { merge: true, maxAliasCount: -1 }) as {
  services: Record<string, { restart?: string }>
}

it('every server comes back by itself after the engine was killed', () => {
  const policies = new Map(Object.entries(services).map(([name, { restart }]) => [name, restart]))
  const oneShots = [...policies].filter(([, policy]) => policy === 'no').map(([name]) => name)
  expect(oneShots.every((name) => /_(init|image|setup)$/.test(name))).toBe(true)
  for (const name of oneShots) policies.delete(name)
  expect(new Set(policies.values())).toEqual(new Set(['always']))
})
