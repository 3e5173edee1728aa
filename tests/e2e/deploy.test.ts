import { existsSync, readFileSync, statSync } from 'node:fs'
import { beforeAll, describe, expect, it } from 'vitest'
import { losses } from '../load/report.ts'
import { readiness, restore } from './harness/colours.ts'
import { runningContainers } from './harness/containers.ts'
import { stack } from './harness/current.ts'
import { buildImage, imageId } from './harness/images.ts'
import { LIGHT, loadOn } from './harness/load.ts'
import { other } from './harness/stack.ts'
import { waitUntil } from './harness/wait.ts'

const imageOf = (part: string): Promise<string> => stack.inspect(stack.container(part), '{{.Image}}')

const journalSize = (): number => {
  const file = stack.file('.ecomweb/journal.jsonl')
  return existsSync(file) ? statSync(file).size : 0
}

let v2: string

beforeAll(async () => {
  await restore(stack)
  v2 = await buildImage(stack, 'v-deploy')
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
    const begun = journalSize()
    const deploying = load.recorder.moving(idle, () => stack.deploy(v2))
    await waitUntil('the deploy has begun', () => journalSize() > begun)
    const refused = await stack.ecomweb(['switch', idle], { check: false })
    const meanwhile = await stack.status()
    const deployed = await deploying
    const report = await load.stop()

    // Meanwhile nobody else could change the stack, but anybody could look.
    expect(refused.code).toBe(75)
    expect(refused.stderr).toMatch(/ecomweb deploy[\s\S]*--wait/)
    expect(meanwhile.active).toBe(live)

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

  it('can be undone by one command while the old colour is warm: API, cron and workers together', async () => {
    const live = await stack.active()
    const old = await imageOf(`api_${other(live)}`)
    expect(await imageOf('cron')).not.toBe(old)
    expect(await stack.rollback()).toMatchObject({ ok: true, from: live, to: other(live) })
    expect(await stack.active()).toBe(other(live))
    expect(await imageOf('cron')).toBe(old)
    expect((await stack.status()).ok).toBe(true)
    await stack.rollback()
    expect(await stack.active()).toBe(live)
  })

  it('of an image that does not exist says so and touches nothing', async () => {
    const before = await runningContainers(stack)
    const { code, output } = await stack.deploy(`${stack.info.name}:no-such-version`)
    expect(code).toBe(1)
    expect(output).toMatch(/no-such-version[\s\S]*next:/)
    expect(await runningContainers(stack)).toEqual(before)
  })
})
