import type { StackContext } from '../context.ts'
import { declaredBy } from '../docker/application-image.ts'
import { type Container, containersOf } from '../docker/containers.ts'
import { type Routes, readRoutesFile, readRunningRoutes } from '../haproxy/routes.ts'
import { type ColourStats, readStats } from '../haproxy/stats.ts'
import type { Answer, Routing } from '../ports.ts'
import { type Colour, imageVariable } from '../stack/colours.ts'
import { parseReady, type Ready, reportsOf } from '../stack/probe.ts'
import { versionOf } from '../workers/build-id.ts'
import { type DatabaseFacts, reachable, readDatabase } from './database.ts'
import { type RedisFacts, readRedis } from './redis.ts'
import { readPollers, temporalAddress } from './temporal.ts'

/** What was seen, or why it could not be seen. */
export type Seen<T> = { value: T } | { error: string }

export type Observed = {
  now: number
  containers: Container[]
  file: Seen<Routes>
  running: Seen<Routes>
  haproxy: Seen<Record<Colour, ColourStats>>
  health: Record<Colour, Seen<Answer>>
  ready: Record<Colour, Seen<Ready | undefined>>
  /** The second process of an API container, where its image has one. */
  reports: Record<Colour, Seen<'up' | 'down' | undefined>>
  statsPage: Seen<Answer>
  database: Seen<DatabaseFacts>
  redis: Seen<RedisFacts>
  pollers: Seen<string[]>
  versions: Seen<Versioned>
}

/** What Temporal knows of worker versions, where it does, and the version of the release that serves. */
export type Versioned = { routing: Routing | undefined; serving: string }

/** Looks at everything at once, live; whatever does not answer is a finding, never an error. */
export async function observe({
  env,
  app,
  settings,
  world,
}: Pick<StackContext, 'env' | 'app' | 'settings' | 'world'>): Promise<Observed> {
  const ready = async (port: number) => parseReady((await world.http.request(port, '/ready')).body)
  const reports = async (port: number) => reportsOf((await world.http.request(port, '/api/health')).body)
  const containers = containersOf(world.read, env.ECOMWEB_NAME)
  const at = async (url: string | undefined, what: string) => {
    if (!url) throw new Error(`${what} is not set in .env.api`)
    return reachable(url, await containers)
  }
  const temporal = async () => {
    const address = temporalAddress(app, await containers)
    return readPollers(address, app.TEMPORAL_NAMESPACE || 'default', settings.autoscale.queue)
  }
  const [blue, green] = [env.API_BLUE_PORT, env.API_GREEN_PORT]
  const [
    file,
    running,
    haproxy,
    healthBlue,
    healthGreen,
    readyBlue,
    readyGreen,
    reportsBlue,
    reportsGreen,
    statsPage,
    database,
    redis,
    pollers,
    versions,
  ] = await Promise.all([
    see(async () => readRoutesFile(world)),
    see(() => readRunningRoutes(world)),
    see(() => readStats(world)),
    see(() => world.http.request(blue, '/health')),
    see(() => world.http.request(green, '/health')),
    see(() => ready(blue)),
    see(() => ready(green)),
    see(() => reports(blue)),
    see(() => reports(green)),
    see(() => world.http.request(env.STATS_PORT, '/')),
    see(async () => readDatabase(await at(app.DATABASE_URL, 'DATABASE_URL'))),
    see(async () => readRedis(await at(app.REDIS_URL, 'REDIS_URL'))),
    see(temporal),
    see(() => readVersions({ env, world })),
  ])
  return {
    now: Date.now(),
    containers: await containers,
    file,
    running,
    haproxy,
    health: { blue: healthBlue, green: healthGreen },
    ready: { blue: readyBlue, green: readyGreen },
    reports: { blue: reportsBlue, green: reportsGreen },
    statsPage,
    database,
    redis,
    pollers,
    versions,
  }
}

/** Errors: Temporal or HAProxy does not answer. */
async function readVersions({ env, world }: Pick<StackContext, 'env' | 'world'>): Promise<Versioned> {
  const image = env[imageVariable((await readRunningRoutes(world)).active)]
  const [routing, variables] = await Promise.all([world.versions.look(), declaredBy(world.read, image)])
  return { routing, serving: versionOf(image, { variables }) }
}

async function see<T>(look: () => Promise<T>): Promise<Seen<T>> {
  try {
    return { value: await look() }
  } catch (error) {
    return { error: (error as Error).message || String(error) }
  }
}
