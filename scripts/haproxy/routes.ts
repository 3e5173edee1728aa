import { KitError } from '../errors.ts'
import { replaceFile, syncFiles } from '../files/durable.ts'
import type { Ports } from '../ports.ts'
import { type Colour, isColour } from '../stack/colours.ts'

/** What the map says: the colour that serves, and the share (0..100 %) of a canary, if one runs. */
export type Routes = { active: Colour; canary?: Colour; weight: number }

/** The map's name inside HAProxy's container. */
const MAP = '/usr/local/etc/haproxy/state/routes.map'

export const ROUTES_FILE = 'haproxy/state/routes.map'

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
export async function readRoutesFile({ disk }: Pick<Ports, 'disk'>): Promise<Routes> {
  const text = await disk.read(ROUTES_FILE)
  if (text !== undefined) return parseRoutes(text)
  throw new KitError('there is no route map: HAProxy was never started here', { next: './ecomweb up' })
}

export const readRunningRoutes = async ({ edge }: Pick<Ports, 'edge'>): Promise<Routes> =>
  parseShowMap(await edge.ask(`show map ${MAP}`))

/** The two are the same decision. */
export const sameRoutes = (a: Routes, b: Routes): boolean => formatRoutes(a) === formatRoutes(b)

/**
 * Moves traffic: the file first, durably, so that a restart finds the new colour; then the running map in one
 * atomic commit (management.txt, section 9.3: `prepare map`, `add map @version`, `commit map`), then reads it
 * back. Resolves with the milliseconds that HAProxy's commit took, and throws unless the running map is as asked.
 */
export async function commitRoutes(ports: Traffic, routes: Routes): Promise<number> {
  await replaceFile(ports.disk, ROUTES_FILE, formatRoutes(routes), 0o640)
  return commitRunning(ports, routes)
}

/**
 * Gives traffic back to the old colour, whatever the disk says: users of a bad release cannot wait until somebody has
 * made room. A file beside needs a block that a full disk does not have; the map's own block is there already, so then
 * it is written over in place (ext4, XFS, tmpfs; 100 bytes lie in one sector, which is written whole or not at all).
 * Where not even that can be done, as on a disk that turned read-only, the running map changes alone and this fails
 * afterwards: the command stays unfinished, and the next abort or resume makes the file agree. Until then a HAProxy that
 * starts anew would follow the old file, which is why only the way back may do so.
 */
export async function commitBack(ports: Traffic, routes: Routes): Promise<number> {
  const unwritten = await writeInAnyCase(ports.disk, formatRoutes(routes))
  const elapsed = await commitRunning(ports, routes)
  if (unwritten === undefined) return elapsed
  throw new KitError(`users are on ${routes.active} again, but ${ROUTES_FILE} cannot be written`, {
    why: unwritten.message,
    next: 'make the disk writable, then ./ecomweb abort',
    cause: unwritten,
  })
}

async function writeInAnyCase(disk: Ports['disk'], text: string): Promise<Error | undefined> {
  try {
    await replaceFile(disk, ROUTES_FILE, text, 0o640)
  } catch {
    try {
      await disk.overwrite(ROUTES_FILE, text)
      await syncFiles(disk, [ROUTES_FILE])
    } catch (error) {
      return error as Error
    }
  }
}

async function commitRunning(ports: Traffic, routes: Routes): Promise<number> {
  const { edge, clock } = ports
  const start = clock.now()
  const prepared = await edge.ask(`prepare map ${MAP}`)
  const version = /New version created: (\d+)/.exec(prepared)?.[1]
  if (!version) throw refused('prepare map', prepared)
  const lines = entries(routes).map(([key, value]) => `add map @${version} ${MAP} ${key} ${value}`)
  const committed = await edge.ask([...lines, `commit map @${version} ${MAP}`].join('; '))
  // Success is silence: any text is a refusal.
  if (committed.trim() !== '') throw refused('commit map', committed)
  const elapsed = clock.now() - start
  const running = await readRunningRoutes(ports)
  if (!sameRoutes(running, routes))
    throw refused('show map', `${formatRoutes(running)}instead of ${formatRoutes(routes)}`)
  return elapsed
}

type Traffic = Pick<Ports, 'disk' | 'edge' | 'clock'>

const entries = (routes: Routes): [string, string][] => [
  ['active', routes.active],
  ...(routes.canary ? [['canary', routes.canary] as [string, string]] : []),
  ['weight', String(routes.weight)],
]

const refused = (command: string, answer: string): KitError =>
  new KitError(`HAProxy refused \`${command}\``, { why: answer.trim(), next: './ecomweb status' })
