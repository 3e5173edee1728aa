import { join } from 'node:path'
import { type Context, openStack, type StackContext } from '../context.ts'
import { openJournal, readJournal } from '../deploy/journal.ts'
import type { Plan } from '../deploy/plan.ts'
import { basics } from '../deploy/prepare.ts'
import { findImage, keepImage } from '../docker/application-image.ts'
import { composeCheck, composeUp } from '../docker/compose.ts'
import { containersOf } from '../docker/containers.ts'
import { ensureEngine } from '../host/engine.ts'
import { buildApp, LOCAL_IMAGE } from '../images/app.ts'
import { ensureImages } from '../images/ensure.ts'
import { migrationsOfImage } from '../migrations/image.ts'
import { record } from '../releases/restore.ts'
import { profileLimits } from '../settings/profiles.ts'
import { type Colour, other } from '../stack/colours.ts'
import { embeddedReplicas, takeGiven, writeSettings } from '../up/files.ts'
import { makeMountsReadable } from '../up/mounts.ts'
import { requireFreePorts } from '../up/ports.ts'
import { waitForStack } from '../up/wait.ts'
import { type CommandSpec, DRY_RUN } from './command.ts'

export const upCommand: CommandSpec = {
  name: 'up',
  summary: 'install what is missing, start the whole stack and wait until it is ready',
  flags: {
    profile: {
      type: 'string',
      value: 'NAME',
      help: 'CPU and memory limits: development (default) or production',
    },
    ...DRY_RUN,
  },
  examples: [
    './ecomweb up',
    './ecomweb up --profile production',
    'HTTP_PORT=8080 ./ecomweb up     on a first start: the port goes into .env',
    './ecomweb up --no-install       refuse to install Docker; name the commands instead',
  ],
  async run(context, values) {
    const { world, progress, root } = context
    await ensureEngine({ runner: world.runner, progress, install: values['no-install'] !== true })
    await settle(context, values.profile === undefined ? undefined : String(values.profile))
    if (world.runner.dry) return
    const first = await prepareImages(await openStack(context))
    const stack = await openStack(context)
    makeMountsReadable(root)
    const containers = await containersOf(world.read, stack.env.ECOMWEB_NAME)
    if (containers.length === 0) await requireFreePorts(stack.env)
    // A colour that runs may be serving users: new settings reach it by a deploy, which loses nothing.
    const serving = containers.some(({ service, running }) => service.startsWith('ecomweb_api_') && running)
    if (serving && values.profile !== undefined) {
      progress.note(
        'running containers keep their limits until ./ecomweb deploy replaces them, one colour at a time',
      )
    }
    await progress.step('start all containers', async (detail) => {
      await world.read.run(composeCheck())
      await world.runner.run(composeUp([], serving ? { recreate: 'never' } : {}), { stream: detail })
    })
    const active = await waitForStack(stack)
    if (first) await recordFirst(stack, active, first)
    report(stack, active, join(root, '.env'))
  },
}

/** Writes the settings that are absent, and into `.env` what a profile or `.env.api` decides. */
async function settle(context: Context, profile: string | undefined): Promise<void> {
  const { progress, world } = context
  const limits = profile === undefined ? {} : profileLimits(profile)
  const given = takeGiven(process.env)
  const written = await writeSettings(context, given)
  if (written.length > 0)
    progress.note(`${world.runner.dry ? 'would write' : 'wrote'} ${written.join(' and ')} (mode 0600)`)
  else if (Object.keys(given).length > 0) {
    progress.note(`${Object.keys(given).join(', ')} of this shell not used: .env decides`)
  }
  if (world.runner.dry && written.length > 0) return
  const { app, env } = await openStack(context)
  const wanted = { ...limits, ...embeddedReplicas(app) }
  const current: Record<string, unknown> = env
  const changes = Object.fromEntries(
    Object.entries(wanted).filter(([name, value]) => String(current[name]) !== value),
  )
  if (Object.keys(changes).length > 0) await world.editEnv(changes)
}

/** The first release has a record like those that follow, so that there is a way back to it. */
async function recordFirst(stack: StackContext, active: Colour, image: string): Promise<void> {
  const { world } = stack
  const shipped = (await migrationsOfImage(world.read, image)).map(({ name, contract }) => ({
    name,
    contract,
  }))
  const plan: Plan = {
    ...basics(stack, await readJournal(world.disk), other(active), active),
    ...{ command: 'up', image, reference: LOCAL_IMAGE, shipped },
  }
  const journal = openJournal(world, 'up', plan.id)
  await journal.write({ event: 'begin', plan })
  await record(stack, plan).run(() => {})
  await journal.write({ event: 'end', result: 'deployed', active, image, ms: 0 })
}

/** Upstream images, then the application's: built from the working tree unless a release is already chosen. */
async function prepareImages({ env, world, progress, root }: StackContext): Promise<string | undefined> {
  const { runner } = world
  const names = [
    'HAPROXY_IMAGE',
    'POSTGRES_IMAGE',
    'REDIS_IMAGE',
    'TEMPORAL_IMAGE',
    'TEMPORAL_TOOLS_IMAGE',
  ] as const
  const images = await ensureImages({ runner, progress, images: names.map((name) => env[name]) })
  const replaced = names.flatMap((name) => {
    const use = images.find((image) => image.reference === env[name])?.use
    return use && use !== env[name] ? [[name, use]] : []
  })
  if (replaced.length > 0) await world.editEnv(Object.fromEntries(replaced))

  const releases = ['API_BLUE_IMAGE', 'API_GREEN_IMAGE', 'BACKGROUND_IMAGE'] as const
  const unset = releases.filter((name) => env[name] === LOCAL_IMAGE)
  if (unset.length === 0) return undefined
  await ensureImages({ runner, progress, images: ['node:24-bookworm-slim'] })
  await buildApp({ runner, progress, tag: LOCAL_IMAGE, context: root })
  const { id } = await findImage(world.read, LOCAL_IMAGE)
  await runner.run(keepImage(env.ECOMWEB_NAME, id))
  await world.editEnv(Object.fromEntries(unset.map((name) => [name, id])))
  return id
}

function report({ env, print, emit }: StackContext, active: string, file: string): void {
  const at = (port: number) => `http://localhost${port === 80 ? '' : `:${port}`}`
  const urls = {
    shop: `${at(env.HTTP_PORT)}/api/products`,
    blue: `${at(env.API_BLUE_PORT)}/health`,
    green: `${at(env.API_GREEN_PORT)}/health`,
    stats: at(env.STATS_PORT),
  }
  emit({ result: 'up', active, urls })
  print(
    [
      '',
      `  ${active} serves.`,
      ...Object.entries(urls).map(([name, url]) => `  ${name.padEnd(6)} ${url}`),
      '',
      `  settings: ${file} and .env.api`,
      '  next: ./ecomweb status      ./ecomweb deploy      ./ecomweb switch green',
    ].join('\n'),
  )
}
