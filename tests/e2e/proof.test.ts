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
  const moves: string[] = []

  for (let count = 0; count < SWITCHES; count += 1) {
    const { ok, to, wall_ms } = await stack.switchTo(other(await stack.active()))
    expect(ok).toBe(true)
    walls.push(wall_ms)
    moves.push(to)
  }
  const seconds: number[] = []
  for (let count = 0; count < DEPLOYS; count += 1) {
    const image = images[count % 2] as string
    const { code, last, output } = await stack.deploy(image)
    expect(code, output).toBe(0)
    expect(last.image).toBe(await imageId(stack, image))
    seconds.push((last.ms ?? 0) / 1000)
    moves.push(last.colour as string)
    // Back, and forward again by the next deploy, which replaces the colour just left.
    const { ok, to } = await stack.rollback()
    expect(ok).toBe(true)
    moves.push(to)
  }

  const report = await load.stop()
  const text = [
    formatReport(report),
    `switch wall p50 ${median(walls).toFixed(0)} ms, deploy p50 ${median(seconds).toFixed(1)} s`,
  ].join('\n')
  console.log(text)
  writeFileSync(stack.file('proof.json'), JSON.stringify({ ...report, walls, seconds }))

  expect(losses(report)).toEqual([])
  expect(report.switches.map(({ to }) => to)).toEqual(moves)
  expect(report.classes.map(({ class: name }) => name)).toHaveLength(7)
  assertEnough(report, {
    requests: 50_000,
    perClass: 500,
    switches: SWITCHES + DEPLOYS + ROLLBACKS,
    aroundSwitch: 20,
  })
}, 1_800_000)

const median = (values: number[]): number => values.toSorted((a, b) => a - b)[values.length >> 1] ?? 0
