import { cpSync, existsSync, mkdirSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { tagShipped } from './images.ts'
import { NAME_PREFIX, removeLeftovers, removeStack } from './leftovers.ts'
import { freePorts } from './ports.ts'
import { describe, run } from './process.ts'
import { Stack } from './stack.ts'

const ROOT = join(import.meta.dirname, '../../..')

/** Where the launcher keeps the lock file that node_modules was installed from. */
const NOTE = '.ecomweb-lock'

/** Enough of everything that no load sells out. */
const STOCK = 10_000_000

/** Makes a stack of its own name, ports and folder from the working tree, and starts it. */
export async function createStack(): Promise<Stack> {
  await removeLeftovers()
  const name = `${NAME_PREFIX}${process.pid}`
  const folder = join(tmpdir(), name)
  const [httpPort = 0, statsPort = 0, bluePort = 0, greenPort = 0] = await freePorts(4)
  rmSync(folder, { recursive: true, force: true })
  await copyProject(folder)
  const stack = new Stack({ folder, name, httpPort, statsPort, bluePort, greenPort })
  const env = {
    ECOMWEB_NAME: name,
    HTTP_PORT: String(httpPort),
    STATS_PORT: String(statsPort),
    API_BLUE_PORT: String(bluePort),
    API_GREEN_PORT: String(greenPort),
  }
  const up = await stack.ecomweb(['up'], { env, check: false })
  writeFileSync(join(folder, 'up.log'), up.stdout + up.stderr)
  if (up.code !== 0) throw new Error(describe('./ecomweb', ['up'], up))
  await tagShipped(stack)
  await stack.sql(`UPDATE products SET stock = ${STOCK};`)
  return stack
}

/** Takes the stack down as a user would, then whatever is left of it by its labels. */
export async function destroyStack(stack: Stack): Promise<void> {
  if (existsSync(stack.file('docker-compose.yml')))
    await stack.compose(['down', '--volumes', '--remove-orphans', '--timeout', '1'], { check: false })
  await removeStack(stack.info.name)
}

/**
 * A folder of links, one for each package: were it one link, a reinstall by the copy's launcher would empty the
 * folder that the tests themselves run from. The launcher's note of what is installed is copied, so that it finds
 * everything in place.
 */
function linkDependencies(folder: string): void {
  const [installed, linked] = [join(ROOT, 'node_modules'), join(folder, 'node_modules')]
  mkdirSync(linked)
  for (const name of readdirSync(installed)) {
    if (name === NOTE) cpSync(join(installed, name), join(linked, name))
    else symlinkSync(join(installed, name), join(linked, name))
  }
}

/** The files that git knows or would add; what is generated or installed is linked or copied beside them. */
async function copyProject(folder: string): Promise<void> {
  mkdirSync(folder, { mode: 0o700 })
  const { stdout } = await run('git', ['ls-files', '-co', '--exclude-standard', '-z'], { cwd: ROOT })
  for (const path of new Set(stdout.split('\0').filter(Boolean))) {
    // A deleted file that git still knows is not there to copy.
    if (!existsSync(join(ROOT, path))) continue
    mkdirSync(dirname(join(folder, path)), { recursive: true })
    cpSync(join(ROOT, path), join(folder, path))
  }
  linkDependencies(folder)
  const generated = 'prisma/generated'
  if (existsSync(join(ROOT, generated)))
    cpSync(join(ROOT, generated), join(folder, generated), { recursive: true })
}
