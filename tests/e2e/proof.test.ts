import { writeFileSync } from 'node:fs'
import { beforeAll, expect, it } from 'vitest'
import { assertEnough, formatReport, losses } from '../load/report.ts'
import { startFrom } from './harness/colours.ts'
import { stack } from './harness/current.ts'
import { buildImage, imageId } from './harness/images.ts'
import { loadOn } from './harness/load.ts'
import { other } from './harness/stack.ts'

const SWITCHES = 100
const DEPLOYS = 10
const ROLLBACKS = 10

beforeAll(async () => {
  await startFrom(stack, 'v1')
})

it(`loses nothing across ${SWITCHES} switches, ${DEPLOYS} deploys and ${ROLLBACKS} rollbacks under mixed load`, async () => {
  const images = [await buildImage(stack, 'v2'), await buildImage(stack, 'v1')]
  const load = await loadOn(stack, {}, 1500)
  const walls: number[] = []

  for (let count = 0; count < SWITCHES; count += 1) {
    const to = other(await stack.active())
    const { ok, wall_ms } = await load.recorder.moving(to, () => stack.switchTo(to))
    expect(ok).toBe(true)
    walls.push(wall_ms)
  }
  const seconds: number[] = []
  for (let count = 0; count < DEPLOYS; count += 1) {
    const image = images[count % 2] as string
    const from = await stack.active()
    const deployed = await load.recorder.moving(other(from), () => stack.deploy(image))
    expect(deployed.code, deployed.output).toBe(0)
    expect(deployed.last.image).toBe(await imageId(stack, image))
    seconds.push((deployed.last.ms ?? 0) / 1000)
    // Back, and forward again by the next deploy, which replaces the colour just left.
    const { ok } = await load.recorder.moving(from, () => stack.rollback())
    expect(ok).toBe(true)
  }

  const report = await load.stop()
  const text = [
    formatReport(report),
    `switch wall p50 ${median(walls).toFixed(0)} ms, deploy p50 ${median(seconds).toFixed(1)} s`,
  ].join('\n')
  console.log(text)
  writeFileSync(stack.file('proof.json'), JSON.stringify({ ...report, walls, seconds }))

  expect(losses(report)).toEqual([])
  expect(report.classes.map(({ class: name }) => name)).toHaveLength(7)
  assertEnough(report, {
    requests: 50_000,
    perClass: 500,
    switches: SWITCHES + DEPLOYS + ROLLBACKS,
    aroundSwitch: 20,
  })
}, 1_800_000)

const median = (values: number[]): number => values.toSorted((a, b) => a - b)[values.length >> 1] ?? 0
