import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { type Container, containersOf } from '../scripts/docker/containers.ts'
import { KitError } from '../scripts/errors.ts'
import { parseRoutes, ROUTES_FILE } from '../scripts/haproxy/routes.ts'
import type { Runner } from '../scripts/run.ts'
import { parseStackFiles } from '../scripts/settings/stack-env.ts'
import type { Colour } from '../scripts/stack/colours.ts'

/** How long any one command of the kit may take before a measurement gives up. */
const LIMIT_MS = 15 * 60_000

/** The milliseconds that something took, and its result. */
export async function timed<T>(run: () => Promise<T>): Promise<{ ms: number; value: T }> {
  const start = performance.now()
  const value = await run()
  return { ms: performance.now() - start, value }
}

/** Runs `./ecomweb … --json` as a caller would; resolves with the time it took and the objects it printed. */
export async function ecomweb(
  runner: Runner,
  root: string,
  args: string[],
  env?: Record<string, string>,
): Promise<{ ms: number; lines: Record<string, unknown>[] }> {
  const command = {
    file: join(root, 'ecomweb'),
    args: [...args, '--json'],
    cwd: root,
    ...(env ? { env } : {}),
  }
  const { ms, value } = await timed(() => runner.run(command, { timeoutMs: LIMIT_MS }))
  return { ms, lines: parseJsonLines(value.stdout) }
}

/** The objects among lines of output; anything else is left out. */
export const parseJsonLines = (text: string): Record<string, unknown>[] =>
  text
    .split('\n')
    .filter((line) => line.startsWith('{'))
    .map((line) => JSON.parse(line) as Record<string, unknown>)

/** The stack's name and running containers. Errors: no stack, or none that runs. */
export async function runningStack(
  runner: Runner,
  root: string,
): Promise<{ name: string; containers: Container[] }> {
  const text = (file: string) => readFileSync(join(root, file), 'utf8')
  const name = parseStackFiles(text('.env'), text('.env.api')).env.ECOMWEB_NAME
  const containers = (await containersOf(runner, name)).filter(({ running }) => running)
  if (containers.length > 0) return { name, containers }
  throw new KitError(`no container of stack ${name} runs`, { next: `${join(root, 'ecomweb')} up` })
}

/** The container of a service. Errors: it does not run. */
export function containerOf(containers: Container[], service: string): Container {
  const found = containers.find((container) => container.service === service)
  if (found) return found
  throw new KitError(`${service} does not run`, { next: `docker compose up -d ${service}` })
}

/** The colour that the route map names. */
export const liveColour = (root: string): Colour =>
  parseRoutes(readFileSync(join(root, ROUTES_FILE), 'utf8')).active

/** The requests that came in from outside so far, by HAProxy's `show stat`. */
export function publicRequests(csv: string): number {
  const [head = '', ...rows] = csv.trim().split('\n')
  const names = head.replace(/^# /, '').split(',')
  const row = rows
    .map((line) => line.split(','))
    .find(([proxy, server]) => proxy === 'public' && server === 'FRONTEND')
  return Number(row?.[names.indexOf('req_tot')] ?? Number.NaN)
}
