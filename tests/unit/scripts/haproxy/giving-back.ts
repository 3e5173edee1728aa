/** Fills the disk of a folder, then moves traffic on it there and back; prints what came of it. Run by its test. */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { realDisk } from '../../../../scripts/files/disk.ts'
import { commitBack, commitRoutes, formatRoutes, ROUTES_FILE } from '../../../../scripts/haproxy/routes.ts'
import { systemClock } from '../../../../scripts/stack/wait.ts'
import { edgeOf } from './edge.ts'

const root = process.argv[2] as string
mkdirSync(join(root, 'haproxy/state'), { recursive: true })
const disk = realDisk(root)
const edge = edgeOf({ active: 'blue', weight: 0 })
const ports = { disk, edge, clock: systemClock }
await commitRoutes(ports, { active: 'blue', canary: 'green', weight: 50 })

for (const size of [65_536, 4096, 1]) {
  try {
    for (;;) writeFileSync(join(root, 'ballast'), Buffer.alloc(size), { flag: 'a' })
  } catch {}
}
const forward = await commitRoutes(ports, { active: 'green', weight: 0 }).catch(({ code }) => code)
const before = formatRoutes(edge.routes())
await commitBack(ports, { active: 'blue', weight: 0 })
const file = readFileSync(join(root, ROUTES_FILE), 'utf8')
console.log(JSON.stringify({ forward, before, after: formatRoutes(edge.routes()), file }))
