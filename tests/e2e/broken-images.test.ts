import { readFileSync } from 'node:fs'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { RunningLoad } from '../load/mixed.ts'
import { losses } from '../load/report.ts'
import { restore, untilReady } from './harness/colours.ts'
import { stack } from './harness/current.ts'
import { draw, SEED, WHOLE } from './harness/draw.ts'
import { buildImage, type Defect } from './harness/images.ts'
import { LIGHT, loadOn } from './harness/load.ts'
import { other } from './harness/stack.ts'

/** When a colour that is never ready is given up: 3 minutes in production, here no longer than needed. */
const READY_TIMEOUT = '8s'

const imageOf = (part: string): Promise<string> => stack.inspect(stack.container(part), '{{.Image}}')

type Broken = [string, Defect, RegExp]

/** Found before anything is started. */
const NEVER_STARTED: Broken[] = [
  ['lacks a part of the contract', 'no-contract', /READY_COMMAND/],
  [
    'carries a failing migration',
    'failing-migration',
    /fails_on_purpose failed: division by zero[\s\S]*deploy again/,
  ],
]
/** Each costs a deploy and its undoing, which do the same for all of them. */
const NEVER_READY: Broken[] = [
  ['crashes at start', 'crash', /crash at start, on purpose/],
  ['is never ready', 'never-ready', /never ready, on purpose/],
  ['listens on the wrong port', 'wrong-port', /3001|3999|refused|DOWN/],
]

describe(`a deploy of an image that (seed ${SEED})`, () => {
  let usual: string | undefined
  let load: RunningLoad

  beforeAll(async () => {
    await restore(stack)
    usual = stack.editKitSetting('ready_timeout', READY_TIMEOUT)
    load = await loadOn(stack, LIGHT)
  })

  afterAll(() => {
    if (usual !== undefined) stack.editKitSetting('ready_timeout', usual)
  })

  it.each([...NEVER_STARTED, ...draw(NEVER_READY, 1)])(
    '%s never changes what is live',
    async (_, defect, reason) => {
      const image = await buildImage(stack, defect)
      const live = await stack.active()
      const look = async () => ({
        files: ['.env', 'haproxy/state/routes.map'].map((file) => readFileSync(stack.file(file), 'utf8')),
        live: await stack.inspect(stack.container(`api_${live}`), '{{.Id}} {{.Image}} {{.State.StartedAt}}'),
        idle: await imageOf(`api_${other(live)}`),
        cron: await imageOf('cron'),
      })
      const before = await look()
      const { code, last, output } = await stack.deploy(image)

      expect(code).toBe(1)
      expect(output).toMatch(reason)
      expect(output).toMatch(/next:|deploy again/)
      expect(last.result).not.toBe('deployed')
      expect(await look()).toEqual(before)
      expect(await stack.active()).toBe(live)
    },
  )

  it('fails is told by history and why', async () => {
    const [last] = JSON.parse((await stack.ecomweb(['history', '--json'])).stdout) as { id: string }[]
    expect(last).toMatchObject({ command: 'deploy', result: 'failed' })
    expect((await stack.ecomweb(['why'])).stdout).toMatch(
      /did not become ready[\s\S]*\.ecomweb\/failures\/\S+\.log/,
    )
    const shown = await stack.ecomweb(['history', 'show', last?.id ?? ''])
    expect(shown.stdout).toMatch(/wait until \w+ is ready/)
  })

  it('fails loses nothing for anybody, leaves the way back warm, and nothing to repair', async () => {
    await untilReady(stack, other(await stack.active()))
    expect((await stack.status()).checks.filter(({ ok }) => !ok)).toEqual([])
    const report = await load.stop()
    expect(losses(report)).toEqual([])
    expect(report.switches).toEqual([])
  })
})

it.runIf(WHOLE)('a deploy of the twin that has none of these defects goes live', async () => {
  const { code, last, output } = await stack.deploy(await buildImage(stack, 'v-twin'))
  expect(code, output).toBe(0)
  expect(last.result).toBe('deployed')
})
