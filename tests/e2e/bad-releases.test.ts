import { loadavg } from 'node:os'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { startLoad } from '../load/mixed.ts'
import { allCells, type Cell, cellName, oneCell, REASONS } from './bad-releases/cells.ts'
import { formatLosses, type Losses, lossesOf } from './bad-releases/losses.ts'
import { audit } from './chaos/audit.ts'
import { entriesFrom, journalSize } from './chaos/journal.ts'
import { accessTo } from './harness/access.ts'
import { CellResults } from './harness/cell-results.ts'
import { restore, startFromTestImages } from './harness/colours.ts'
import { stack } from './harness/current.ts'
import { buildImage } from './harness/images.ts'
import { databaseLedger } from './harness/ledger.ts'
import { BUSY, loadOn, QUIET } from './harness/load.ts'
import { other } from './harness/stack.ts'
import { waitUntil } from './harness/wait.ts'

/** Releases that pass every health check. `BAD=all` takes every cell, as is; otherwise one, by the seed. */
const ALL = process.env.BAD === 'all'
const SEED = Number(process.env.BAD_SEED ?? Date.now() % 100_000)

/** As in docker-compose.yml; or one weight and more probes, by which as much is known sooner, and time where those are slow. */
const FLAGS = ALL ? [] : ['--canary', '50', '--soak', '90s']
const PROBES_IN_CI = '15'

/** `machine`: the load average as it began, since a machine busy with other work measures that. */
type Result = Losses & { cell: string; machine: number; problems: string[] }

const results = new CellResults<Result>('bad-releases', !ALL)
let usualRate: string | undefined

beforeAll(async () => {
  await restore(stack)
  // After a switch of traffic alone the background would not be of the release that serves.
  await startFromTestImages(stack, { alike: true })
  if (!ALL) usualRate = stack.editKitSetting('rate', PROBES_IN_CI)
})

afterAll(() => {
  if (usualRate !== undefined) stack.editKitSetting('rate', usualRate)
  console.log(`bad releases, seed ${SEED}\n${results.all.map(formatLosses).join('\n')}`)
})

it.each((ALL ? allCells() : oneCell(SEED)).map((cell) => [cellName(cell), cell] as const))(
  `%s: is rolled back by itself (seed ${SEED})`,
  async (name, cell) => {
    const result = results.find(name) ?? { cell: name, ...(await experiment(cell)) }
    if (!results.find(name)) results.add(result)
    expect(result.problems).toEqual([])
  },
)

async function experiment({ release, load: size }: Cell): Promise<Omit<Result, 'cell'>> {
  const machine = loadavg()[0] ?? 0
  const image = await buildImage(stack, release)
  const live = await stack.active()
  const old = await stack.inspect(stack.container(`api_${live}`), '{{.Config.Image}}')
  const offset = journalSize(stack)
  // One request in 5 seconds needs minutes until there was one of each class.
  const load =
    size === 'busy'
      ? await loadOn(stack, BUSY)
      : startLoad({ url: stack.url, access: accessTo(stack), mix: QUIET, ledger: databaseLedger(stack) })

  const { code, last, output } = await stack.deploy(image, FLAGS)
  const report = await load.stop()
  const why = (await stack.ecomweb(['why'])).stdout
  // The containers that came back with the old release become ready by themselves.
  await waitUntil('the stack is settled', async () => (await stack.status()).ok, { timeoutMs: 90_000 })
  const problems = await audit(stack, [old])
  const require = (fact: boolean, problem: string) => {
    if (!fact) problems.push(problem)
  }
  require(code !== 0 && last.result === 'rolled-back', `it ended with ${code}: ${output.slice(-2000)}`)
  require((await stack.active()) === live, `users are not on ${live} any more`)
  require(REASONS[release].test(why), `why does not name it: ${why}`)
  const { lost, doubled, unfinished } = report.orders
  require([lost, doubled, unfinished].flat().length === 0, `orders: ${JSON.stringify(report.orders)}`)
  require(!(live in report.failedBy), `${report.failedBy[live]} requests failed on the old release`)
  const losses = lossesOf(entriesFrom(stack, offset), other(live), report, load.recorder.samples)
  return { ...losses, machine, problems }
}
