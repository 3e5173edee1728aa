import type { Context } from '../context.ts'
import { readJournal } from '../deploy/journal.ts'
import { containersOf } from '../docker/containers.ts'
import { readRoutesFile } from '../haproxy/routes.ts'
import { checkHooks } from '../hooks/run.ts'
import { parseKitSettings } from '../settings/kit-settings.ts'
import { parseStackFiles, type StackEnv } from '../settings/stack-env.ts'
import { imageVariable } from '../stack/colours.ts'
import { judge } from '../status/judge.ts'
import { observe } from '../status/observe.ts'
import { inspectContract } from '../verify/inside.ts'
import type { World } from '../world.ts'
import { type Facts, fact } from './facts.ts'
import { readComposition } from './look/composition.ts'
import { readDatabaseLimits } from './look/database.ts'
import { checkEdge } from './look/edge.ts'
import { readCompose, readEngine, readEngineSpace, readSpace } from './look/engine.ts'
import { readEdgeConfiguration, readExported, readModes, readSettingsFiles } from './look/files.ts'
import { readCandidate, readImages } from './look/images.ts'
import { readLock } from './look/lock.ts'
import { readProcesses } from './look/processes.ts'
import { readMemory, readPorts, readRunning } from './look/running.ts'

/**
 * Looks at everything at once and changes nothing. `reference` is the image to deploy; without it the one that
 * serves is looked at. What cannot be had is a missing fact, never an error.
 */
export async function gather(context: Context, reference?: string): Promise<Facts> {
  const { root, world } = context
  const { read } = world
  const engine = once(() => readEngine(read))
  const files = once(async () => readSettingsFiles(root))
  const text = async (name: string) => (await world.disk.read(name)) ?? ''
  const stack = once(async () => parseStackFiles(await text('.env'), await text('.env.api')))
  const kitSettings = once(async () => parseKitSettings(await text('docker-compose.yml')))
  const env = async () => (await stack()).env
  // All of these ask the engine: when it does not answer, that is the one thing to say.
  const asking = <T>(look: () => Promise<T>) => once(() => engine().then(look))
  const services = asking(() => readComposition(read))
  const running = asking(async () => readRunning(read, (await env()).ECOMWEB_NAME))
  const containers = asking(async () => containersOf(read, (await env()).ECOMWEB_NAME))
  const candidate = asking(async () => readCandidate(read, await servingImage(world, await env()), reference))
  const image = async () => (await candidate()).image
  const declared = async () => (await image().catch(() => undefined))?.variables ?? {}
  const database = once(async () => readDatabaseLimits((await files()).app, await containers()))
  const journal = once(async () => readJournal(world.disk))

  return settle({
    engine: fact(engine),
    compose: fact(() => readCompose(read)),
    engineDisk: fact(asking(() => readEngineSpace(read))),
    projectDisk: fact(() => readSpace(root)),
    memory: fact(async () => readMemory(await running())),
    kitSettings: fact(kitSettings),
    env: fact(env),
    files: fact(files),
    exported: fact(async () => readExported((await files()).env, process.env)),
    hooks: fact(() => checkHooks(world)),
    modes: fact(() => readModes(root)),
    services: fact(services),
    candidate: fact(candidate),
    declared: fact(declared),
    images: fact(async () => readImages(read, await services(), (await candidate()).whereabouts.reference)),
    contract: fact(async () => {
      const found = await image()
      return found ? inspectContract(read, found, `${(await env()).ECOMWEB_NAME}_verify_${process.pid}`) : []
    }),
    edgeCheck: fact(async () => checkEdge(read, root, (await env()).HAPROXY_IMAGE, await running())),
    edgeConfiguration: fact(() => readEdgeConfiguration(root)),
    processes: fact(async () => readProcesses(read, root, await services(), await declared())),
    database: fact(database),
    clock: fact(async () => ({
      now: Date.now(),
      ...defined('newestEntry', latest((await journal()).map(({ at }) => Date.parse(at)))),
      ...defined('imageCreated', await image().then((found) => found && Date.parse(found.created), nothing)),
      ...defined('databaseAheadMs', await database().then(({ aheadMs }) => aheadMs, nothing)),
    })),
    ports: fact(async () => readPorts(await env(), await running())),
    lock: fact(() => readLock(read, root)),
    journal: fact(journal),
    drift: fact(
      asking(async () => {
        const seen = await observe({ world, settings: await kitSettings(), ...(await stack()) })
        return { drift: judge(seen, await env()).drift, edge: seen.running }
      }),
    ),
  })
}

/** The image of the colour that serves; of blue where nothing was ever started. */
async function servingImage(world: World, env: StackEnv): Promise<string> {
  try {
    return env[imageVariable((await readRoutesFile(world)).active)]
  } catch {
    return env.API_BLUE_IMAGE
  }
}

/** Looks at most once, however many facts are made of it. */
function once<T>(look: () => Promise<T>): () => Promise<T> {
  let looked: Promise<T> | undefined
  return () => {
    looked ??= look()
    return looked
  }
}

async function settle(facts: { [Name in keyof Facts]: Promise<Facts[Name]> }): Promise<Facts> {
  const entries = await Promise.all(Object.entries(facts).map(async ([name, value]) => [name, await value]))
  return Object.fromEntries(entries) as Facts
}

const defined = <Name extends string>(name: Name, value: number | undefined) =>
  value === undefined || Number.isNaN(value) ? {} : ({ [name]: value } as Record<Name, number>)

const latest = (times: number[]): number | undefined =>
  times.reduce<number | undefined>((last, at) => (at > (last ?? 0) ? at : last), undefined)

const nothing = (): undefined => undefined
