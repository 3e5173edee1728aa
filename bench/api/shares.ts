/** As much of V8's CPU profile as is read here; times in µs of the machine's monotonic clock. */
export type Profile = {
  nodes: { id: number; callFrame: { functionName: string; url: string }; children?: number[] }[]
  startTime: number
  samples: number[]
  timeDeltas: number[]
}

export const PARTS = [
  'bcrypt',
  'JSON',
  'Prisma',
  'pg',
  'Express',
  'the shop',
  'others',
  'collection',
  'Node',
] as const
export type Part = (typeof PARTS)[number]

const EXPRESS =
  /node_modules\/(express|router|body-parser|finalhandler|send|qs|accepts|type-is|content-type|etag|fresh|on-finished|raw-body|parseurl|vary|path-to-regexp|bytes|http-errors|mime-types|mime-db|negotiator|media-typer|proxy-addr|ipaddr\.js|iconv-lite|statuses|depd|ee-first|encodeurl|escape-html|cookie|content-disposition|merge-descriptors|once|unpipe)\//

const byUrl: [RegExp, Part][] = [
  [/\/tag-json\.ts$/, 'JSON'],
  [/node_modules\/(@prisma|prisma)\/|\/prisma\/generated\//, 'Prisma'],
  [/node_modules\/(pg|pg-[\w-]+|postgres-[\w-]+)\//, 'pg'],
  [/node_modules\/bcrypt\//, 'bcrypt'],
  [EXPRESS, 'Express'],
  [/node_modules\//, 'others'],
  [/^node:/, 'Node'],
  [/\/apps\/(api|core)\//, 'the shop'],
]

const byName: Record<string, Part> = { '(garbage collector)': 'collection', '(program)': 'Node' }

/**
 * The share of each part, 0 to 1, in what a profile has of the main thread being busy between two moments. A sample
 * counts for the part whose code is running, native code for the part that calls it: what Node does for a socket of
 * the driver is Node's. Errors: nothing was sampled.
 */
export function sharesOf(profile: Profile, fromUs: number, toUs: number): Record<Part, number> {
  const parts = partsByNode(profile)
  const sums = new Map<Part, number>()
  let [at, busy] = [profile.startTime, 0]
  for (const [index, id] of profile.samples.entries()) {
    const delta = profile.timeDeltas[index] ?? 0
    at += delta
    const part = parts.get(id)
    if (!part || at < fromUs || at > toUs) continue
    sums.set(part, (sums.get(part) ?? 0) + delta)
    busy += delta
  }
  if (busy === 0) throw new RangeError('the profile has nothing of that time')
  return Object.fromEntries(PARTS.map((part) => [part, (sums.get(part) ?? 0) / busy])) as Record<Part, number>
}

/** The part of each node of the tree; none for idling. */
function partsByNode({ nodes }: Profile): Map<number, Part> {
  const byId = new Map(nodes.map((node) => [node.id, node]))
  const parts = new Map<number, Part>()
  const [root] = nodes
  const waiting: [id: number, above: Part][] = root ? [[root.id, 'Node']] : []
  for (let next = waiting.pop(); next; next = waiting.pop()) {
    const [id, above] = next
    const { callFrame, children = [] } = byId.get(id) as Profile['nodes'][number]
    if (callFrame.functionName === '(idle)') continue
    const found = byUrl.find(([sign]) => sign.test(callFrame.url))?.[1]
    const part = byName[callFrame.functionName] ?? found ?? above
    parts.set(id, part)
    for (const child of children) waiting.push([child, part])
  }
  return parts
}
