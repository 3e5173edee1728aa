import { readFileSync } from 'node:fs'
import { loadavg } from 'node:os'
import { join } from 'node:path'
import type { Watched } from '../scripts/analysis/types.ts'
import { KitError } from '../scripts/errors.ts'
import type { Release } from '../scripts/history/releases.ts'
import { parseStackFiles } from '../scripts/settings/stack-env.ts'
import { BUSY, QUIET } from '../tests/e2e/harness/load.ts'
import type { Access } from '../tests/load/access.ts'
import type { Ledger } from '../tests/load/ledger.ts'
import { startLoad } from '../tests/load/mixed.ts'
import { neighbour } from './noise.ts'
import { measure } from './program.ts'
import { buildSiblings } from './siblings.ts'
import { ecomweb, parseJsonLines } from './stack.ts'

const MIXES = { busy: BUSY, quiet: QUIET }

/** What became of orders and events is for the tests: reading all of them again takes longer than a deploy. */
const UNREAD: Ledger = { orders: async () => [], events: async () => [] }

await measure({
  name: 'false-alarms',
  about: `Counts false alarms on a running stack: deploys of a good release (images that differ from the live one in a label
alone, in turns) with canary and soak as docker-compose.yml says, under a mixed load, while a neighbour takes a
core for half a second to three now and then. A deploy that is rolled back is an alarm.

At the end two more deploys bring both colours back to the images that they had.`,
  flags: {
    deploys: { default: 20, help: 'how many' },
    load: { default: 'busy', help: 'busy: 200 requests a second; quiet: one in 5 seconds' },
    calm: { default: false, help: 'without the neighbour' },
  },
  async run(kit, { root, deploys, load: name, calm }) {
    const { runner, results, say, signal, atEnd } = kit
    const mix = MIXES[name as keyof typeof MIXES]
    if (!mix) throw new KitError(`--load ${name} is not known`, { next: '--load busy, or --load quiet' })
    const siblings = await buildSiblings(kit, root)
    const text = (file: string) => readFileSync(join(root, file), 'utf8')
    const { env, app } = parseStackFiles(text('.env'), text('.env.api'))
    const access = accessOf(app)
    const ended = new AbortController()
    const noise = calm ? undefined : neighbour(AbortSignal.any([ended.signal, signal]))
    // Last added, first done: the neighbour is told to leave before it is waited for.
    atEnd(async () => noise)
    atEnd(async () => ended.abort())

    while (results.count('false alarms') < deploys) {
      const load = startLoad({ url: `http://127.0.0.1:${env.HTTP_PORT}`, access, mix, ledger: UNREAD })
      const number = results.count('false alarms') + 1
      const machine = loadavg()[0] ?? 0
      const args = ['deploy', siblings[number % siblings.length] as string, '--yes', '--json']
      const command = { file: join(root, 'ecomweb'), args, cwd: root }
      const start = performance.now()
      const { stdout, stderr } = await runner
        .run(command, { check: false, timeoutMs: 15 * 60_000 })
        .finally(() => load.stop())
      const wall = performance.now() - start
      const result = parseJsonLines(stdout).findLast((line) => 'result' in line)?.result
      if (result !== 'deployed' && result !== 'rolled-back') {
        throw new KitError(`deploy ${number} ended without a verdict`, {
          why: (stdout + stderr).slice(-2000),
          next: './ecomweb status, then the same command again',
        })
      }
      const { watched } = (await ecomweb(runner, root, ['why'])).lines.at(-1) as unknown as Release
      results.add('', {
        'false alarms': result === 'deployed' ? 0 : 1,
        'requests failed': load.recorder.failures.length,
        'load average before': machine,
        'least probability, errors': least(watched, 'errorP'),
        'least probability, latency': least(watched, 'latencyP'),
      })
      results.add('ms', { 'deploy, wall': wall, watched: watched.reduce((sum, { ms }) => sum + ms, 0) })
      if (result === 'rolled-back') results.facts[`alarm in deploy ${number}`] = reasonOf(watched)
      say(`${number} of ${deploys} deploys, ${result}`)
    }
  },
})

/** The load's customers have one address between them. Its streams are those of guests: no account is needed. */
function accessOf(app: Record<string, string>): Access {
  const exempt = app.RATE_LIMIT_EXEMPT_TOKEN
  if (exempt) return { exempt }
  throw new KitError('RATE_LIMIT_EXEMPT_TOKEN is not set in .env.api', {
    why: 'the shop would throttle the load, whose customers all come from one address',
    next: 'set it (openssl rand -hex 24), then ./ecomweb deploy twice, so that both colours know it',
  })
}

// Function declarations, since the program above runs before the lines below it.
function least(watched: Watched[], of: 'errorP' | 'latencyP'): number {
  return Math.min(1, ...watched.flatMap(({ figures }) => figures.map((each) => each[of])))
}

function reasonOf(watched: Watched[]): string {
  const { phase, reason } = watched.find(({ verdict }) => verdict === 'fail') ?? {}
  return phase === undefined ? 'no verdict: ./ecomweb why' : `${phase}: ${reason}`
}
