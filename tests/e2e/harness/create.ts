import { cpSync, existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { admitTests, createAdministrator, newSecret } from './access.ts'
import { restore } from './colours.ts'
import { tagShipped } from './images.ts'
import { NAME_PREFIX, removeLeftovers, removeStack } from './leftovers.ts'
import { freePorts } from './ports.ts'
import { describe, run } from './process.ts'
import { Stack } from './stack.ts'

const ROOT = join(import.meta.dirname, '../../..')

/** Enough of everything that no load sells out. */
const STOCK = 10_000_000

/**
 * Makes a stack of its own name, ports and folder from the working tree, and starts it: with more settings and
 * flags of `up`, if `given`.
 */
export async function createStack({
  given = {},
  args = [],
  lane = 1,
}: {
  given?: Record<string, string>
  args?: string[]
  /** Tells the stacks of one process apart. */
  lane?: number
} = {}): Promise<Stack> {
  await removeLeftovers()
  const name = `${NAME_PREFIX}${process.pid}-${lane}`
  const folder = join(tmpdir(), name)
  const [httpPort = 0, statsPort = 0, bluePort = 0, greenPort = 0, webPort = 0] = await freePorts(5)
  rmSync(folder, { recursive: true, force: true })
  await copyProject(folder)
  admitTests(folder, webPort)
  const ports = { httpPort, statsPort, bluePort, greenPort, webPort }
  const stack = new Stack({ folder, name, ...ports, adminPassword: newSecret() })
  const env = {
    ECOMWEB_NAME: name,
    HTTP_PORT: String(httpPort),
    STATS_PORT: String(statsPort),
    API_BLUE_PORT: String(bluePort),
    API_GREEN_PORT: String(greenPort),
    ...given,
  }
  const up = await stack.ecomweb(['up', ...args], { env, check: false })
  writeFileSync(join(folder, 'up.log'), up.stdout + up.stderr)
  if (up.code !== 0) throw new Error(describe('./ecomweb', ['up', ...args], up))
  // By default they have a half and a quarter of a core, and a test would mostly wait for them to start.
  for (const limit of ['WORKER_CPUS', 'CRON_CPUS']) stack.edit(limit, '1.0')
  await restore(stack)
  await tagShipped(stack)
  await stack.sql(`UPDATE products SET stock = ${STOCK};`)
  await createAdministrator(stack)
  return stack
}

/** Takes the stack down as a user would, then whatever is left of it by its labels. */
export async function destroyStack(stack: Stack): Promise<void> {
  if (existsSync(stack.file('docker-compose.yml')))
    await stack.compose(['down', '--volumes', '--remove-orphans', '--timeout', '1'], { check: false })
  await removeStack(stack.info.name)
}

/**
 * Hard links cost no space and no time, and unlike a symbolic link they let a reinstall on either side leave the
 * other side whole. Between two file systems a copy has to do.
 */
async function copyDependencies(folder: string): Promise<void> {
  const [from, to] = [join(ROOT, 'node_modules'), join(folder, 'node_modules')]
  if ((await run('cp', ['-al', from, to], { check: false })).code === 0) return
  rmSync(to, { recursive: true, force: true })
  await run('cp', ['-a', from, to])
}

/** The files that git knows or would add; and beside them what is generated or installed. */
async function copyProject(folder: string): Promise<void> {
  mkdirSync(folder, { mode: 0o700 })
  const { stdout } = await run('git', ['ls-files', '-co', '--exclude-standard', '-z'], { cwd: ROOT })
  for (const path of new Set(stdout.split('\0').filter(Boolean))) {
    // A deleted file that git still knows is not there to copy.
    if (!existsSync(join(ROOT, path))) continue
    mkdirSync(dirname(join(folder, path)), { recursive: true })
    cpSync(join(ROOT, path), join(folder, path))
  }
  await copyDependencies(folder)
  const generated = 'prisma/generated'
  if (existsSync(join(ROOT, generated)))
    cpSync(join(ROOT, generated), join(folder, generated), { recursive: true })
}
