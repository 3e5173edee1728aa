import { join } from 'node:path'
import { type Context, openStack, type StackContext } from '../context.ts'
import { findImage, keepImage } from '../docker/application-image.ts'
import { composeCheck, composeUp } from '../docker/compose.ts'
import { containersOf } from '../docker/containers.ts'
import { ensureEngine } from '../host/engine.ts'
import { buildApp } from '../images/app.ts'
import { ensureImages } from '../images/ensure.ts'
import { profileLimits } from '../settings/profiles.ts'
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
    await prepareImages(openStack(context))
    const stack = openStack(context)
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
      await world.runner.run(composeUp([], { recreate: !serving }), { stream: detail })
    })
    const active = await waitForStack(stack)
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
  const { app, env } = openStack(context)
  const wanted = { ...limits, ...embeddedReplicas(app) }
  const current: Record<string, unknown> = env
  const changes = Object.fromEntries(
    Object.entries(wanted).filter(([name, value]) => String(current[name]) !== value),
  )
  if (Object.keys(changes).length > 0) world.editEnv(changes)
}

/** Upstream images, then the application's: built from the working tree unless a release is already chosen. */
async function prepareImages({ env, world, progress, root }: StackContext): Promise<void> {
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
  if (replaced.length > 0) world.editEnv(Object.fromEntries(replaced))

  const local = 'ecomweb/app:local'
  const releases = ['API_BLUE_IMAGE', 'API_GREEN_IMAGE', 'BACKGROUND_IMAGE'] as const
  const unset = releases.filter((name) => env[name] === local)
  if (unset.length === 0) return
  await ensureImages({ runner, progress, images: ['node:24-bookworm-slim'] })
  await buildApp({ runner, progress, tag: local, context: root })
  const { id } = await findImage(world.read, local)
  await runner.run(keepImage(env.ECOMWEB_NAME, id))
  world.editEnv(Object.fromEntries(unset.map((name) => [name, id])))
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
