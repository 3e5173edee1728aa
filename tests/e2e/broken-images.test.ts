import { readFileSync } from 'node:fs'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { losses } from '../load/report.ts'
import { readiness, restore } from './harness/colours.ts'
import { stack } from './harness/current.ts'
import { buildImage, type Defect } from './harness/images.ts'
import { LIGHT, loadOn } from './harness/load.ts'
import { other } from './harness/stack.ts'

/** A colour that is never ready is given up after this time: in production 3 minutes, here no longer than needed. */
const READY_TIMEOUT = '15s'

let usual: string | undefined

beforeAll(async () => {
  await restore(stack)
  usual = stack.editKitSetting('ready_timeout', READY_TIMEOUT)
})

afterAll(async () => {
  if (usual !== undefined) stack.editKitSetting('ready_timeout', usual)
  // The row of the failed migration would otherwise stop every later one.
  await stack.sql(`DELETE FROM _prisma_migrations WHERE migration_name LIKE '%fails_on_purpose';`)
})

describe('a deploy of an image that', () => {
  it.each<[string, Defect, RegExp]>([
    ['crashes at start', 'crash', /crash at start, on purpose/],
    ['is never ready', 'never-ready', /never ready, on purpose/],
    ['listens on the wrong port', 'wrong-port', /3001|3999|refused|DOWN|not/],
    ['carries a failing migration', 'failing-migration', /fails_on_purpose[\s\S]*division by zero/],
    ['lacks a part of the contract', 'no-contract', /READY_COMMAND/],
  ])('%s never changes what is live', async (_, defect, reason) => {
    const image = await buildImage(stack, defect)
    const live = await stack.active()
    const files = () =>
      ['.env', 'haproxy/state/routes.map'].map((file) => readFileSync(stack.file(file), 'utf8'))
    const container = () =>
      stack.inspect(stack.container(`api_${live}`), '{{.Id}} {{.Image}} {{.State.StartedAt}}')
    const before = { files: files(), container: await container() }
    const load = await loadOn(stack, LIGHT)
    const { code, last, output } = await stack.deploy(image)
    const report = await load.stop()

    expect(code).toBe(1)
    expect(output).toMatch(reason)
    expect(output).toMatch(/next:|type:/)
    expect(last.result).not.toBe('deployed')
    expect(losses(report)).toEqual([])
    expect(report.switches).toEqual([])
    expect(await stack.active()).toBe(live)
    expect({ files: files(), container: await container() }).toEqual(before)
    // The way back is warm again: the idle colour runs what it ran before.
    await restore(stack)
    expect(await readiness(stack, other(live))).toMatchObject({ ready: true })
  })

  it('has none of these defects, built in the same way, goes live', async () => {
    const { code, last, output } = await stack.deploy(await buildImage(stack, 'v3'))
    expect(code, output).toBe(0)
    expect(last.result).toBe('deployed')
  })
})
