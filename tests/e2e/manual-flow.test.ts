import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { RunningLoad } from '../load/mixed.ts'
import { losses } from '../load/report.ts'
import { restore, untilReady } from './harness/colours.ts'
import { stack } from './harness/current.ts'
import { buildImage, imageId } from './harness/images.ts'
import { LIGHT, loadOn } from './harness/load.ts'

const imageOf = (part: string): Promise<string> => stack.inspect(stack.container(part), '{{.Image}}')

/** The seed's deployment by hand, line by line, without the kit's `deploy`. */
describe('a deployment by hand', () => {
  let v2: string
  let load: RunningLoad

  beforeAll(async () => {
    await restore(stack)
    v2 = await buildImage(stack, 'v-by-hand')
    await stack.switchTo('blue')
    load = await loadOn(stack, LIGHT)
  })

  afterAll(() => restore(stack))

  it('1. export API_GREEN_IMAGE=…; docker-compose up -d ecomweb_api_green', async () => {
    await stack.shell(`export API_GREEN_IMAGE=${v2}\ndocker-compose up -d ecomweb_api_green`)
    expect(await imageOf('api_green')).toBe(await imageId(stack, v2))
  })

  it('2. green runs its migrations by itself and becomes ready', async () => {
    expect(await untilReady(stack, 'green')).toMatchObject({ ready: true, image: v2 })
    expect(await stack.active()).toBe('blue')
  })

  it('3. traffic is switched', async () => {
    expect(await stack.switchTo('green')).toMatchObject({ ok: true, to: 'green' })
  })

  it('4. docker-compose up -d ecomweb_cron ecomweb_worker', async () => {
    await stack.shell(`export BACKGROUND_IMAGE=${v2}\ndocker-compose up -d ecomweb_cron ecomweb_worker`)
    expect(await imageOf('cron')).toBe(await imageId(stack, v2))
  })

  it('5. later: export API_BLUE_IMAGE=…; docker-compose up -d ecomweb_api_blue', async () => {
    await stack.shell(`export API_BLUE_IMAGE=${v2}\ndocker-compose up -d ecomweb_api_blue`)
    expect(await untilReady(stack, 'blue')).toMatchObject({ image: v2 })
  })

  it('and nothing was lost meanwhile', async () => {
    const report = await load.stop()
    expect(losses(report)).toEqual([])
    expect(report.switches.map(({ to }) => to)).toEqual(['green'])
  })
})
