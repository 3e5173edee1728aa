import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { KitError } from '../errors.ts'
import { replaceFile } from '../files/durable.ts'
import { type Colour, isColour } from '../stack/colours.ts'
import { askHaproxy } from './socket.ts'

/** What the map says: the colour that serves, and the share (0..100 %) of a canary, if one runs. */
export type Routes = { active: Colour; canary?: Colour; weight: number }

/** The map's name inside HAProxy's container. */
const MAP = '/usr/local/etc/haproxy/state/routes.map'

export const routesFile = (root: string): string => join(root, 'haproxy/state/routes.map')
export const adminSocket = (root: string): string => join(root, 'haproxy/run/admin.sock')

/** Parses a map file: one `key value` a line. Errors: no colour, or a value that is none. */
export function parseRoutes(text: string): Routes {
  const pairs = text.split('\n').map((line) => line.trim().split(/\s+/))
  const value = (key: string) => pairs.find(([name]) => name === key)?.[1]
  const active = value('active')
  const canary = value('canary')
  const weight = Number(value('weight') ?? 0)
  const valid = isColour(active) && (canary === undefined || isColour(canary)) && weight >= 0 && weight <= 100
  if (!valid) {
    throw new KitError('the route map names no valid colour', {
      why: JSON.stringify(text.trim()),
      next: './ecomweb switch blue   (or green: the colour that should serve)',
    })
  }
  return canary === undefined ? { active, weight } : { active, canary, weight }
}

export const formatRoutes = (routes: Routes): string =>
  entries(routes)
    .map((pair) => `${pair.join(' ')}\n`)
    .join('')

/** Parses `show map`, whose lines begin with an entry's address. */
export const parseShowMap = (text: string): Routes => parseRoutes(text.replace(/^0x[0-9a-f]+ /gm, ''))

/** Errors: there is no map, because HAProxy was never started here. */
export function readRoutesFile(root: string): Routes {
  try {
    return parseRoutes(readFileSync(routesFile(root), 'utf8'))
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error
    throw new KitError('there is no route map: HAProxy was never started here', {
      next: './ecomweb up',
      cause: error,
    })
  }
}

export const readRunningRoutes = async (root: string): Promise<Routes> =>
  parseShowMap(await askHaproxy(adminSocket(root), `show map ${MAP}`))

/** The two are the same decision. */
export const sameRoutes = (a: Routes, b: Routes): boolean => formatRoutes(a) === formatRoutes(b)

/**
 * Moves traffic: the file first, durably, so that a restart finds the new colour; then the running map in one
 * atomic commit (management.txt, section 9.3: `prepare map`, `add map @version`, `commit map`), then reads it
 * back. Resolves with the milliseconds that HAProxy's commit took, and throws unless the running map is as asked.
 */
export async function commitRoutes(root: string, routes: Routes): Promise<number> {
  replaceFile(routesFile(root), formatRoutes(routes), 0o640)
  const socket = adminSocket(root)
  const start = performance.now()
  const prepared = await askHaproxy(socket, `prepare map ${MAP}`)
  const version = /New version created: (\d+)/.exec(prepared)?.[1]
  if (!version) throw refused('prepare map', prepared)
  const lines = entries(routes).map(([key, value]) => `add map @${version} ${MAP} ${key} ${value}`)
  const committed = await askHaproxy(socket, [...lines, `commit map @${version} ${MAP}`].join('; '))
  // Success is silence: any text is a refusal.
  if (committed.trim() !== '') throw refused('commit map', committed)
  const elapsed = performance.now() - start
  const running = await readRunningRoutes(root)
  if (!sameRoutes(running, routes))
    throw refused('show map', `${formatRoutes(running)}instead of ${formatRoutes(routes)}`)
  return elapsed
}

const entries = (routes: Routes): [string, string][] => [
  ['active', routes.active],
  ...(routes.canary ? [['canary', routes.canary] as [string, string]] : []),
  ['weight', String(routes.weight)],
]

const refused = (command: string, answer: string): KitError =>
  new KitError(`HAProxy refused \`${command}\``, { why: answer.trim(), next: './ecomweb status' })
