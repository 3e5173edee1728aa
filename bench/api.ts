import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { KINDS, type Kind, load } from './api/load.ts'
import { profiled } from './api/profiled.ts'
import { PARTS } from './api/shares.ts'
import { cachedList, openSubjects, SERVERS, type Server } from './api/shop.ts'
import { bootstrapMedian } from './edge/bootstrap.ts'
import { measure } from './program.ts'

/** What the cached list should reach of the bare handler. */
const GOAL = 0.6
const WARM_UP_S = 3
const LIST = 'cached list / bare Express'

const cells: [Kind, Server][] = KINDS.flatMap((kind) =>
  SERVERS.filter((server) => server !== 'bare' || kind === 'list').map((server): [Kind, Server] => [
    kind,
    server,
  ]),
)

await measure({
  name: 'api',
  about: `Measures the shop's API: requests per second and p99 of the cached list, of login and of ordering, in one and
in two processes under PM2 with the project's own configuration, in alternating rounds; the list beside a bare Express
handler that sends the same body in one process; and what shares in the processor time of one process bcrypt, JSON,
Prisma, its driver pg and Express have.

Shares are of a process by itself under the same load: of its main thread by V8's profile (a sample counts for the
code that runs, native code for its caller; JSON is told apart by a wrapper), of bcrypt by the time of the threads in
which it hashes. Divide by nothing: the rest is the shop's own code, other packages, garbage collection and Node.

Uses PostgreSQL and Redis in containers of its own, with their data in memory and fsync off, and no Temporal; no stack
needs to run. The load generator wrk, installed by apt where absent, takes its part of the same processors.`,
  flags: {
    rounds: { default: 5, most: 100, help: 'rounds, each of all cells' },
    seconds: { default: 5, most: 600, help: 'length of each cell' },
  },
  async run(kit, { root, rounds, seconds }) {
    const { runner, results, atEnd, say } = kit
    const folder = mkdtempSync(join(tmpdir(), 'ecomweb-bench-api-'))
    atEnd(async () => rmSync(folder, { recursive: true, force: true }))
    const { urls, scripts, profiled: further } = await openSubjects(kit, root, folder)

    const loaded = async (kind: Kind, url: string, seconds: number) => {
      // Orders have emptied the cache.
      if (kind === 'list' && url !== urls.bare) await cachedList(url)
      return load(runner, url, { kind, script: scripts[kind], seconds })
    }
    // The first orders wait for modules that are loaded then. What fails here fails again where it counts.
    const warmUp = (kind: Kind, url: string) => loaded(kind, url, WARM_UP_S).catch(() => {})
    for (const [kind, server] of cells) await warmUp(kind, urls[server])

    while (results.count(LIST) < rounds) {
      // Whoever comes later finds a warmer machine, so each takes each place in turn.
      const turn = results.count(LIST) % cells.length
      const perSecond = new Map<string, number>()
      const p99Ms = new Map<string, number>()
      for (const [kind, server] of [...cells.slice(turn), ...cells.slice(0, turn)]) {
        const found = await loaded(kind, urls[server], seconds)
        perSecond.set(`${kind}, ${server}`, found.perSecond)
        p99Ms.set(`${kind}, ${server}`, found.p99Ms)
      }
      const shares: Record<string, number> = {}
      for (const kind of KINDS) {
        const of = await profiled(
          { root, folder, ...further },
          { warmUp: (url) => warmUp(kind, url), load: (url) => loaded(kind, url, seconds) },
        )
        for (const part of PARTS) shares[`${kind}: share of ${part}`] = of[part] * 100
      }
      // All of a round or nothing: a run that was cut begins the round again.
      const each = (name: string, values: Map<string, number>) =>
        Object.fromEntries(
          cells.map((cell) => [`${cell.join(', ')}: ${name}`, values.get(cell.join(', ')) ?? 0]),
        )
      results.add('1/s', each('requests', perSecond))
      results.add('ms', each('p99', p99Ms))
      results.add('%', shares)
      const of = (cell: string) => perSecond.get(cell) ?? Number.NaN
      const doubled = KINDS.map((kind) => [
        `${kind}: 2 workers / 1`,
        of(`${kind}, 2 workers`) / of(`${kind}, 1 worker`),
      ])
      results.add('x', { ...Object.fromEntries(doubled), [LIST]: of('list, 1 worker') / of('list, bare') })
      say(`${results.count(LIST)} of ${rounds} rounds`)
    }
    const { median, low, high } = bootstrapMedian(results.samples(LIST))
    const [figure, from, to] = [median, low, high].map((value) => value.toFixed(3))
    results.facts[LIST] =
      `${figure} (95 % interval of the median ${from} to ${to}); the goal is ${GOAL}: ${median >= GOAL ? 'reached' : 'MISSED'}`
  },
})
