import { readFileSync, writeFileSync } from 'node:fs'
import { beforeAll, describe, expect, it } from 'vitest'
import { losses } from '../load/report.ts'
import { idleColour, restore, runOn, startFromTestImages } from './harness/colours.ts'
import { stack } from './harness/current.ts'
import { buildImage, imageId } from './harness/images.ts'
import { LIGHT, loadOn } from './harness/load.ts'
import { other } from './harness/stack.ts'

type Past = { id: string; command: string; result: string; image: string }

const history = async (): Promise<Past[]> =>
  JSON.parse((await stack.ecomweb(['history', '--json'])).stdout) as Past[]

const imageOf = (part: string): Promise<string> => stack.inspect(stack.container(part), '{{.Image}}')

const COMPOSE = stack.file('docker-compose.yml')
const SCRIPT = stack.file('volumes/backend-api/startup-cron.sh')

let ids: string[] = []

beforeAll(async () => {
  await restore(stack)
  await startFromTestImages(stack)
})

describe('a recorded release', () => {
  it('comes back days later with its image, files and settings, with nothing lost', async () => {
    const images = await Promise.all(
      (['v-monday', 'v-tuesday', 'v-friday'] as const).map((variant) => buildImage(stack, variant)),
    )
    ids = await Promise.all(images.map((image) => imageId(stack, image)))
    stack.edit('WORKER_REPLICAS', '1')
    const files = [COMPOSE, SCRIPT].map((path) => readFileSync(path, 'utf8'))
    expect((await stack.deploy(images[0] as string)).code).toBe(0)
    const monday = (await history())[0]
    expect(monday).toMatchObject({ command: 'deploy', result: 'deployed', image: ids[0] })

    // What a team changes in a week.
    writeFileSync(COMPOSE, (files[0] as string).replace('start_interval: 1s', 'start_interval: 2s'))
    writeFileSync(SCRIPT, `${files[1]}\n# of a later release\n`)
    stack.edit('WORKER_REPLICAS', '2')
    expect((await stack.deploy(images[1] as string)).code).toBe(0)
    // As after more deploys, neither its colour nor its workers are there any more.
    await runOn(stack, await idleColour(stack), images[2] as string)
    await stack.ecomweb(['workers', 'drain', '--timeout', '1s'])

    const load = await loadOn(stack, LIGHT)
    const { code, stdout, stderr } = await stack.ecomweb(['rollback', monday?.id ?? ''], { check: false })
    expect(code, stdout + stderr).toBe(0)
    expect(losses(await load.stop())).toEqual([])
    const live = await stack.active()
    for (const part of [`api_${live}`, 'cron']) expect(await imageOf(part)).toBe(ids[0])
    expect(stack.setting('BACKGROUND_IMAGE')).toBe(ids[0])
    expect([COMPOSE, SCRIPT].map((path) => readFileSync(path, 'utf8'))).toEqual(files)
    expect(stack.setting('WORKER_REPLICAS')).toBe('1')
    expect(stack.setting('ECOMWEB_NAME')).toBe(stack.info.name)
    expect((await stack.status()).ok).toBe(true)
    // The one before is still warm.
    expect(await imageOf(`api_${other(live)}`)).toBe(ids[1])
  })

  it('that serves already, or that nobody knows, is refused', async () => {
    const [newest] = (await history()).filter(({ image }) => image === ids[0])
    const serving = await stack.ecomweb(['rollback', newest?.id ?? ''], { check: false })
    expect([serving.code, serving.stderr]).toEqual([1, expect.stringMatching(/serves already[\s\S]*history/)])
    const unknown = await stack.ecomweb(['rollback', '20000101-000000'], { check: false })
    expect([unknown.code, unknown.stderr]).toEqual([
      1,
      expect.stringMatching(/not recorded here[\s\S]*next:/),
    ])
  })
})
