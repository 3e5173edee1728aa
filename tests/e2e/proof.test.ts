import { writeFileSync } from 'node:fs'
import { beforeAll, expect, it } from 'vitest'
import type { Mix } from '../load/mixed.ts'
import type { Recorder } from '../load/recorder.ts'
import { AROUND_SWITCH_MS, assertEnough, formatReport, losses, type Minimum } from '../load/report.ts'
import { begunAround, dateMoves } from '../load/switches.ts'
import { restore, startFromTestImages } from './harness/colours.ts'
import { cronSlots, irregular } from './harness/cron.ts'
import { stack } from './harness/current.ts'
import { WHOLE } from './harness/draw.ts'
import { buildImage, imageId } from './harness/images.ts'
import { loadOn } from './harness/load.ts'
import { other } from './harness/stack.ts'

const SWITCHES = WHOLE ? 100 : 12
// A deploy and the way back take minutes where two slow cores carry the load too.
const DEPLOYS = WHOLE ? 10 : 1
const ROLLBACKS = DEPLOYS

/**
 * As much as two cores can carry; in every run half of it, or each switch would mostly wait for its turn. An order costs
 * most, by its workflow.
 */
const MIX: Partial<Mix> = WHOLE
  ? {}
  : {
      keepAlive: { workers: 12, perSecond: 75 },
      newConnection: { workers: 6, perSecond: 32 },
      orders: { workers: 1, perSecond: 1 },
      slow: { workers: 2, perSecond: 2 },
      uploads: { clients: 6, takesMs: 4000 },
      eventStreams: { clients: 5, lifeMs: 3000 },
      webSockets: { clients: 5, lifeMs: 3000 },
    }

const MINIMUM: Minimum = {
  requests: WHOLE ? 50_000 : 6000,
  perClass: WHOLE ? 500 : 60,
  switches: SWITCHES + DEPLOYS + ROLLBACKS,
  aroundSwitch: WHOLE ? 20 : 10,
}

/** More switches than planned, if the run would otherwise be too small: then it fails. */
const EXTRA = 200

beforeAll(async () => {
  await restore(stack)
  await startFromTestImages(stack, { alike: true })
})

it(`nothing is lost across ${SWITCHES} switches, ${DEPLOYS} deploys and ${ROLLBACKS} rollbacks under mixed load`, async () => {
  // One more than colours, so that a deploy always brings an image that its container does not run already.
  const images: string[] = []
  for (const variant of ['v-odd', 'v-even', 'v-third'] as const) images.push(await buildImage(stack, variant))
  const started = Date.now()
  const load = await loadOn(stack, MIX, 1500)
  const { recorder } = load
  const walls: number[] = []
  const seconds: number[] = []

  const change = async (): Promise<void> => {
    const to = other(await stack.active())
    const { ok, wall_ms } = await recorder.moving(to, () => stack.switchTo(to))
    expect(ok).toBe(true)
    walls.push(wall_ms)
  }

  for (let count = 0; count < SWITCHES; count += 1) await change()
  // A switch that fell into a stall of the machine counts for losses, but not for the number: it is made up for. Now,
  // while both colours run one image: between two the workers' version moves too, which takes seconds.
  let extra = 0
  for (; extra < EXTRA && denseSwitches(recorder) < MINIMUM.switches; extra += 1) await change()
  for (let count = 0; count < DEPLOYS; count += 1) {
    const image = images[count % images.length] as string
    const live = await stack.active()
    const { code, last, output } = await recorder.moving(other(live), () => stack.deploy(image))
    expect(code, output).toBe(0)
    expect(last.image).toBe(await imageId(stack, image))
    seconds.push((last.ms ?? 0) / 1000)
    if (count < ROLLBACKS) await recorder.moving(live, () => stack.rollback())
  }
  for (; extra < EXTRA && recorder.begins.length < MINIMUM.requests; extra += 1) await change()

  const report = await load.stop()
  console.log(
    `${formatReport(report)}\nswitch wall p50 ${median(walls).toFixed(0)} ms, deploy p50 ${median(seconds).toFixed(1)} s`,
  )
  writeFileSync(stack.file('proof.json'), JSON.stringify({ ...report, walls, seconds }))

  expect(losses(report)).toEqual([])
  expect(report.classes).toHaveLength(7)
  assertEnough(report, MINIMUM)
  expect(irregular(await cronSlots(stack, started))).toEqual([])
}, 1_800_000)

const denseSwitches = ({ samples, moves, begins }: Recorder): number =>
  dateMoves(samples, moves).filter(
    ({ at }) => begunAround(begins, at, AROUND_SWITCH_MS) >= MINIMUM.aroundSwitch,
  ).length

const median = (values: number[]): number => values.toSorted((a, b) => a - b)[values.length >> 1] ?? 0
