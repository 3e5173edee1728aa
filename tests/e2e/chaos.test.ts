import { afterAll, beforeAll, expect, it } from 'vitest'
import { losses, type Report } from '../load/report.ts'
import { audit } from './chaos/audit.ts'
import { allCells, type Cell, cellName, someCells } from './chaos/cells.ts'
import { smallDisk, strike } from './chaos/faults.ts'
import { entriesFrom, journalSize, reach, stepsIn } from './chaos/journal.ts'
import { ChaosResults } from './chaos/results.ts'
import { restore, startFromTestImages } from './harness/colours.ts'
import { cronSlots, irregular } from './harness/cron.ts'
import { stack } from './harness/current.ts'
import { SEED, WHOLE } from './harness/draw.ts'
import { buildImage, imageId } from './harness/images.ts'
import { LIGHT, loadOn } from './harness/load.ts'
import { start } from './harness/process.ts'
import { type Colour, other } from './harness/stack.ts'
import { waitUntil } from './harness/wait.ts'

const CELLS_IN_CI = 4
/** Of all cells only those whose name matches this expression, to look into some of them. */
const ONLY = new RegExp(process.env.CHAOS_ONLY ?? '')

/** Canary and soak at their shortest. */
const DEPLOY = ['--canary', '50', '--soak', '2s', '--yes', '--json']

const results = new ChaosResults(!WHOLE)
const began = Date.now()
/** One more than colours, so that a deploy always brings an image that its container does not run already. */
const images: string[] = []
let ids: string[] = []

beforeAll(async () => {
  await restore(stack)
  await startFromTestImages(stack)
  stack.editKitSetting('canary_step', '1s')
  for (const variant of ['v-odd', 'v-even', 'v-third'] as const) images.push(await buildImage(stack, variant))
  ids = await Promise.all(images.map((image) => imageId(stack, image)))
})

afterAll(async () => {
  stack.editKitSetting('canary_step', '15s')
  console.log(`chaos, seed ${SEED}\n${results.table()}`)
})

const deployTo = async (image: string) => {
  const { code, stdout, stderr } = await stack.ecomweb(['deploy', image, ...DEPLOY], { check: false })
  expect(code, stdout + stderr).toBe(0)
}

/** The release that serves, and one that runs nowhere, which is to be deployed to the idle colour. */
async function sides(): Promise<{ old: string; next: string; image: string; idle: Colour }> {
  const live = await stack.active()
  const idle = other(live)
  const [old, warm] = await Promise.all(
    [live, idle].map((colour) => stack.inspect(stack.container(`api_${colour}`), '{{.Config.Image}}')),
  )
  const index = ids.findIndex((id) => id !== old && id !== warm)
  return { old: old as string, next: ids[index] as string, image: images[index] as string, idle }
}

it(`${WHOLE ? 'every cell' : `${CELLS_IN_CI} cells`} of killed deploys and faults end in exactly one release (seed ${SEED})`, async () => {
  const offset = journalSize(stack)
  await deployTo((await sides()).image)
  const known = stepsIn(entriesFrom(stack, offset))
  expect(known.length).toBeGreaterThan(8)
  const all = allCells(known, SEED)
  for (const cell of WHOLE ? all : someCells(all, CELLS_IN_CI, SEED)) {
    if (results.find(cellName(cell)) || !ONLY.test(cellName(cell))) continue
    const step = known.find(({ id }) => id === cell.step)
    if (!step) throw new Error(`no step ${cell.step}`)
    const result = await experiment(cell, step)
    results.add(result)
  }
  // Every cell is run, whatever the ones before it showed: a table with one failure says more than half a table.
  expect(results.all.filter(({ problems }) => problems.length > 0)).toEqual([])
  expect(irregular(await cronSlots(stack, began)), 'cron slots').toEqual([])
}, 5_400_000)

async function experiment(cell: Cell, step: { id: string; ms: number }) {
  const begin = performance.now()
  const { old, next, image, idle } = await sides()
  const wide = cell.what === 'fill the disk' ? await smallDisk(stack) : undefined
  const load = await loadOn(stack, LIGHT, 180)
  const problems: string[] = []

  const offset = journalSize(stack)
  const deploy = start('./ecomweb', ['deploy', image, ...DEPLOY], { cwd: stack.info.folder, check: false })
  let lives = true
  const ended = deploy.ended.finally(() => {
    lives = false
  })
  const reached = await reach(stack, offset, step, cell.point, () => lives)
  if (!reached || !lives) {
    const { code, stdout, stderr } = await ended
    problems.push(`the deploy ended at ${cell.step} by itself: ${code} ${stdout.slice(-1500)}${stderr}`)
  } else if (cell.what === 'kill -9') {
    process.kill(deploy.pid, 'SIGKILL')
    await ended
  } else {
    const heal = await strike(stack, cell.what, idle)
    await ended
    await heal()
  }
  problems.push(...(await recover(cell)))
  await wide?.()
  await settled()
  problems.push(...(await audit(stack, [old, next])))
  const serving = (await sides()).old
  const report = await load.stop()
  problems.push(...brokenPromises(report))
  // Where nothing that serves was killed, nothing may fail.
  if (cell.what === 'kill -9' && report.failed > 0) {
    problems.push(`${report.failed} requests failed: ${JSON.stringify(report.failures.slice(0, 3))}`)
  }
  return {
    cell: cellName(cell),
    ended: serving === next ? 'new release' : 'old release',
    seconds: (performance.now() - begin) / 1000,
    requests: report.requests,
    failed: report.failed,
    losses: losses(report),
    problems,
  }
}

/** What was cut off is said by the next command, and brought to an end as the cell says; a deploy that ended is let be. */
async function recover({ recovery }: Cell): Promise<string[]> {
  const wanted = { resume: 'the new release', abort: 'the old release' }[recovery]
  const next = await stack.ecomweb(['rollback', '--dry-run'], { check: false })
  if (next.code !== 76) return next.code === 0 ? [] : [`the next command exited ${next.code}: ${next.stderr}`]
  const said = /resume[\s\S]*abort/.test(next.stderr) ? [] : [`it offers no way on: ${next.stderr}`]
  const done = await stack.ecomweb([recovery, '--json'], { check: false })
  if (done.code === 0) return said
  // A resume may find that it cannot go on, goes back and says so: that is an end too.
  if (recovery === 'resume' && /"result":"(failed|rolled-back)"/.test(done.stdout)) return said
  return [
    ...said,
    `${recovery} did not lead to ${wanted}: ${done.code} ${done.stdout.slice(-800)}${done.stderr}`,
  ]
}

/** What a recovery leaves to the containers themselves: to become healthy again. */
const settled = (): Promise<unknown> =>
  waitUntil('the stack is settled', async () => (await stack.status()).ok, {
    timeoutMs: 90_000,
    everyMs: 500,
  })

/** What no fault may ever do to an order or an event. */
const brokenPromises = ({ orders, events }: Report): string[] => [
  ...orders.lost.map((id) => `order ${id} is lost`),
  ...orders.doubled.map((id) => `order ${id} was doubled`),
  ...orders.unfinished.map((id) => `order ${id} was never executed`),
  ...events.missing,
  ...events.repeated.map((what) => `the event log holds ${what} twice`),
]
