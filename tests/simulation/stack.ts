import { JOURNAL } from '../../scripts/deploy/journal.ts'
import { releaseTag } from '../../scripts/docker/application-image.ts'
import { CONFIGURATION } from '../../scripts/haproxy/reload.ts'
import { formatRoutes, ROUTES_FILE } from '../../scripts/haproxy/routes.ts'
import { lintMigrations } from '../../scripts/migrations/lint/lint.ts'
import { recordRelease } from '../../scripts/releases/record.ts'
import { editEnvFile } from '../../scripts/settings/env-file.ts'
import { type Colour, other } from '../../scripts/stack/colours.ts'
import { PREVIEW_TOKEN } from '../../scripts/stack/probe.ts'
import { replicasOf } from './compose.ts'
import { promised } from './disk.ts'
import { Host } from './host.ts'
import { PORTS } from './http.ts'
import { type Behaviour, imageId, migrationName, type SimulatedImage } from './images.ts'
import { versionOf } from './temporal.ts'

// PostgreSQL's grammar is loaded from a file, for which no simulated time can wait.
await lintMigrations([{ name: 'warm-up', sql: 'SELECT 1', contract: false }])

export const SERVICES = [
  'ecomweb_api_blue',
  'ecomweb_api_green',
  'ecomweb_worker',
  'ecomweb_worker_previous',
  'ecomweb_cron',
]

/** docker-compose.yml as far as the kit reads it; the revision stands for any change of a service. */
export const composeFile = (revision: number): string => `x-ecomweb:
  ready_timeout: 8s
  drain_window: 100ms
  drain_deadline: 3s
  background_timeout: 10s
  canary: [5, 50]
  canary_step: 2s
  soak: 2s
  analysis: { interval: 500ms, min_requests: 20 }
  smoke: [GET /api/products]
  keep_releases: 2
x-logging: { revision: ${revision}, deployment: TEMPORAL_DEPLOYMENT_NAME }
`

/** An image on this host. */
export function addImage(host: Host, behaviour: Behaviour, migrations: string[]): SimulatedImage {
  host.made += 1
  const number = host.made
  const image: SimulatedImage = {
    id: imageId(number),
    reference: `shop:${number}`,
    behaviour,
    migrations,
    replay: host.random.pick(['passes', 'passes', 'passes', 'undeclared'] as const),
    versioned: host.random.chance(0.85),
    startMs: host.random.between(200, 1500),
  }
  host.images.set(image.id, image)
  host.tags.set(image.reference, image.id)
  return image
}

/** What the audit compares the stack with: which release serves, and what `.env` and the Compose file say. */
export type Expected = {
  active: Colour
  API_BLUE_IMAGE: string
  API_GREEN_IMAGE: string
  BACKGROUND_IMAGE: string
  /** The image that served before the one that does. */
  previous: string
  API_MEMORY: string
  compose: string
  /** haproxy.cfg, and what HAProxy runs with: an edit reaches it by the next deploy. */
  configuration: string
  running: string
  /** Traffic was switched where Temporal did not answer: which version is current says nothing of who serves. */
  unfollowed: boolean
}

/** A host on which `./ecomweb up` has ended well: one colour serves, the other is warm. */
export async function startedStack(
  seed: number,
  tracing: boolean,
): Promise<{ host: Host; expected: Expected }> {
  const host = new Host(seed, tracing)
  const { random, disk, database, scheduler } = host
  const old = addImage(host, 'good', [migrationName(1, 'init')])
  const same = random.chance(0.7)
  const warm = same ? old : addImage(host, 'good', [migrationName(1, 'init')])
  for (const name of old.migrations) database.begin(name).finished = true
  const active = random.pick(['blue', 'green'] as const)
  const images = { [active]: old.id, [other(active)]: warm.id } as Record<Colour, string>
  const expected: Expected = {
    active,
    API_BLUE_IMAGE: images.blue,
    API_GREEN_IMAGE: images.green,
    BACKGROUND_IMAGE: old.id,
    previous: old.id,
    API_MEMORY: '1G',
    compose: composeFile(1),
    configuration: 'global\n',
    running: 'global\n',
    unfollowed: false,
  }
  const { compose, configuration, API_BLUE_IMAGE, API_GREEN_IMAGE, BACKGROUND_IMAGE, API_MEMORY } = expected
  const env = {
    ECOMWEB_NAME: 'sim',
    HTTP_PORT: PORTS.edge,
    API_BLUE_PORT: PORTS.blue,
    API_GREEN_PORT: PORTS.green,
    WORKER_REPLICAS: random.between(1, 2),
    WORKER_MEMORY: '512M',
    ...{ API_BLUE_IMAGE, API_GREEN_IMAGE, BACKGROUND_IMAGE, API_MEMORY },
  }
  const lines = Object.entries(env).map(([name, value]) => `${name}=${value}\n`)
  disk.settle('.env', lines.join(''))
  disk.settle('haproxy/run/admin.sock', '')
  disk.settle('.env.api', 'DATABASE_URL=postgresql://app:secret-of-the-app@db:5432/shop\n')
  disk.settle('docker-compose.yml', compose)
  disk.settle(CONFIGURATION, configuration)
  disk.settle('volumes/backend-api/startup-api.sh', '#!/usr/bin/env bash\n')
  disk.settle(PREVIEW_TOKEN, 'token-of-the-preview\n')
  disk.settle(ROUTES_FILE, formatRoutes({ active, weight: 0 }))
  for (const hook of ['pre-deploy', 'post-migrate', 'smoke', 'pre-switch', 'post-switch', 'post-deploy']) {
    if (random.chance(0.15)) disk.settle(`hooks/${hook}`, '#!/bin/sh\n')
  }
  // Made by the launcher a moment ago.
  disk.makeFolder('.ecomweb')
  if (random.chance(0.5)) await earlierRelease(host)
  await startEverything(host, expected, { WORKER_REPLICAS: String(env.WORKER_REPLICAS) })
  host.temporal.knows = random.chance(0.9)
  await scheduler.run(() => host.containers.list.every(({ ready }) => ready))
  if (host.temporal.knows) host.temporal.current = versionOf(old)
  host.temporal.begin()
  host.edge.start()
  for (const server of Object.values(host.edge.servers))
    Object.assign(server, { status: 'UP', check: 'L7OK' })
  return { host, expected }
}

/** A release of the past, which a rollback may bring back with its files. */
async function earlierRelease(host: Host): Promise<void> {
  const { disk, tags } = host
  const id = '20261121-060000'
  const { id: image, reference } = addImage(host, 'good', [migrationName(1, 'init')])
  tags.set(releaseTag('sim', image), image)
  const now = [CONFIGURATION, 'docker-compose.yml', '.env'].map(
    (path) => [path, disk.read(path) ?? ''] as const,
  )
  disk.settle(CONFIGURATION, 'global # 1\n')
  disk.settle('docker-compose.yml', composeFile(0))
  disk.settle('.env', editEnvFile(disk.read('.env') ?? '', { API_MEMORY: '512M' }))
  await recordRelease(promised(disk), { id, image, reference, shipped: [] })
  for (const [path, text] of now) disk.settle(path, text)
  const end = { at: '2026-11-21T06:00:00.000Z', id, command: 'deploy', event: 'end', result: 'deployed' }
  disk.settle(
    JOURNAL,
    `${JSON.stringify({ ...end, active: 'blue', image, ms: 1 })}
`,
  )
}

async function startEverything(host: Host, expected: Expected, env: Record<string, string>): Promise<void> {
  const image = { ecomweb_api_blue: expected.API_BLUE_IMAGE, ecomweb_api_green: expected.API_GREEN_IMAGE }
  for (const service of SERVICES) {
    const reference = image[service as keyof typeof image] ?? expected.BACKGROUND_IMAGE
    for (let number = 1; number <= replicasOf(env, service); number += 1) {
      const found = host.image(reference) as SimulatedImage
      const memory = service.startsWith('ecomweb_api_') ? '1G' : '512M'
      const name =
        service === 'ecomweb_worker' ? `sim-${service}-${number}` : `sim_${service.replace('ecomweb_', '')}`
      const configuration = `${reference} ${memory} 1`
      host.containers.start(host.containers.create({ name, service, reference, image: found, configuration }))
    }
  }
}
