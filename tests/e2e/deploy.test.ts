import { readFileSync } from 'node:fs'
import { beforeAll, describe, expect, it } from 'vitest'
import { losses } from '../load/report.ts'
import { readiness, restore } from './harness/colours.ts'
import { runningContainers } from './harness/containers.ts'
import { stack } from './harness/current.ts'
import { buildImage, imageId } from './harness/images.ts'
import { LIGHT, loadOn } from './harness/load.ts'
import { type Colour, other } from './harness/stack.ts'
import { waitUntil } from './harness/wait.ts'

const imageOf = (part: string): Promise<string> => stack.inspect(stack.container(part), '{{.Image}}')

let v2: string

beforeAll(async () => {
  await restore(stack)
  v2 = await buildImage(stack, 'v2')
})

describe('deploy', () => {
  it('--dry-run prints the steps and changes nothing', async () => {
    const before = await runningContainers(stack)
    const env = readFileSync(stack.file('.env'), 'utf8')
    const { stdout } = await stack.ecomweb(['deploy', v2, '--dry-run'])
    expect(stdout).toMatch(/docker compose/)
    expect(await runningContainers(stack)).toEqual(before)
    expect(readFileSync(stack.file('.env'), 'utf8')).toBe(env)
  })

  it('brings API, cron and workers to the image with nothing lost, and keeps the old colour warm', async () => {
    const live = await stack.active()
    const idle = other(live)
    const [liveImage, wanted] = [await imageOf(`api_${live}`), await imageId(stack, v2)]
    const load = await loadOn(stack, LIGHT)
    const deployed = await stack.deploy(v2)
    const report = await load.stop()

    expect(deployed.output).toContain('"result":"deployed"')
    expect(deployed).toMatchObject({ code: 0, last: { result: 'deployed', colour: idle, image: wanted } })
    expect(losses(report)).toEqual([])
    expect(report.switches.map(({ to }) => to)).toEqual([idle])
    expect(await stack.active()).toBe(idle)
    expect(await imageOf(`api_${idle}`)).toBe(wanted)
    expect(await imageOf('cron')).toBe(wanted)
    const workers = (await runningContainers(stack)).filter(({ service }) => service === 'ecomweb_worker')
    for (const { name } of workers) expect(await stack.inspect(name, '{{.Image}}')).toBe(wanted)
    expect(await imageOf(`api_${live}`)).toBe(liveImage)
    expect(await readiness(stack, live)).toMatchObject({ ready: true })
    expect((await stack.status()).ok).toBe(true)
  })

  it('can be undone by one command while the old colour is warm', async () => {
    const live = await stack.active()
    const before = await runningContainers(stack)
    expect(await stack.rollback()).toMatchObject({ ok: true, from: live, to: other(live) })
    expect(await stack.active()).toBe(other(live))
    expect((await runningContainers(stack)).map(({ id }) => id)).toEqual(before.map(({ id }) => id))
    await stack.switchTo(live)
  })

  it('of an image that does not exist says so and touches nothing', async () => {
    const before = await runningContainers(stack)
    const { code, output } = await stack.deploy(`${stack.info.name}:no-such-version`)
    expect(code).toBe(1)
    expect(output).toMatch(/no-such-version[\s\S]*next:/)
    expect(await runningContainers(stack)).toEqual(before)
  })
})

describe('while a deploy runs', () => {
  it('another command is refused with code 75, and status still answers', async () => {
    const live: Colour = await stack.active()
    const image = await buildImage(stack, 'v1')
    const journal = () => readFileSync(stack.file('.ecomweb/journal.jsonl'), 'utf8').length
    const before = journal()
    const running = stack.deploy(image)
    await waitUntil('the deploy has begun', () => journal() > before)
    const { code, stderr: refused } = await stack.ecomweb(['switch', live], { check: false })
    expect(code).toBe(75)
    expect(refused).toMatch(/ecomweb deploy[\s\S]*--wait/)
    expect((await stack.status()).active).toMatch(/blue|green/)
    expect((await running).last).toMatchObject({ result: 'deployed', colour: other(live) })
  })
})
