import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { KitError } from '../../scripts/errors.ts'
import type { Runner } from '../../scripts/run.ts'
import { poll } from '../../scripts/stack/wait.ts'
import { PATHS } from './load.ts'

export type Environment = Record<string, string>

/** A script under a PM2 of its own, in so many processes. */
export type Application = { name: string; entry: string; workers: number; port: number; env: Environment }

/** Where an application listens, and how to end it. */
export type Served = { url: string; stop: (runner: Runner) => Promise<unknown> }

/** Starts an application by the project's own PM2 configuration, as a container does, and waits until it serves. */
export async function startUnderPm2(
  runner: Runner,
  { root, folder }: { root: string; folder: string },
  { name, entry, workers, port, env }: Application,
): Promise<Served> {
  const home = join(folder, name)
  mkdirSync(home, { recursive: true })
  const config = join(home, 'app.config.cjs')
  const shared = JSON.stringify(join(root, 'volumes/backend-api/ecosystem.api.config.js'))
  // In the container the project is /app.
  writeFileSync(
    config,
    `const { apps } = require(${shared})\nmodule.exports = { apps: apps.map((app) => ({ ...app, cwd: ${JSON.stringify(root)} })) }\n`,
  )
  const own = {
    ...{ PM2_HOME: home, API_ENTRY: join(root, entry), WEB_CONCURRENCY: String(workers), PORT: String(port) },
    CONTROL_DIR: join(home, 'control'),
  }
  const pm2 = (...args: string[]) => ({
    ...{ file: join(root, 'node_modules/.bin/pm2'), args, cwd: root },
    env: { ...env, ...own },
  })
  const stop = (later: Runner) => later.run(pm2('kill'), { timeoutMs: 60_000, check: false })
  try {
    await runner.run(pm2('start', config), { timeoutMs: 120_000 })
    return { url: await whenServing(port, name), stop }
  } catch (error) {
    await stop(runner)
    throw error
  }
}

/** The address of a server on a port, once it answers a list of products. Errors: it does not within a minute. */
export async function whenServing(port: number, name: string): Promise<string> {
  const url = `http://127.0.0.1:${port}`
  const answers = async () => {
    const response = await fetch(`${url}${PATHS.list}`, { signal: AbortSignal.timeout(5000) }).catch(
      () => null,
    )
    await response?.arrayBuffer()
    return response?.ok || undefined
  }
  if (await poll(answers, { timeoutMs: 60_000, intervalMs: 100 })) return url
  throw new KitError(`${name} does not serve on port ${port}`, { next: 'the same command with VERBOSE=1' })
}
