import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { losses } from '../load/report.ts'
import { audit } from './chaos/audit.ts'
import { entriesFrom, journalSize, reach } from './chaos/journal.ts'
import { restore, startFromTestImages, untilReady } from './harness/colours.ts'
import { stack } from './harness/current.ts'
import { draw, SEED } from './harness/draw.ts'
import { buildImage, imageId } from './harness/images.ts'
import { LIGHT, loadOn } from './harness/load.ts'
import { start } from './harness/process.ts'
import { other } from './harness/stack.ts'
import { waitUntil } from './harness/wait.ts'

const DEPLOY = ['--canary', '50', '--soak', '2s', '--yes', '--json']

let image: string
beforeAll(async () => {
  await restore(stack)
  await startFromTestImages(stack)
  stack.editKitSetting('canary_step', '1s')
  image = await buildImage(stack, 'v-interrupted')
})
afterAll(() => stack.editKitSetting('canary_step', '15s'))

/** A deploy that is given a signal while a step runs. */
async function interrupted(signal: NodeJS.Signals, step: string) {
  const offset = journalSize(stack)
  const { pid, ended } = start('./ecomweb', ['deploy', image, ...DEPLOY], {
    cwd: stack.info.folder,
    check: false,
  })
  let lives = true
  void ended.finally(() => {
    lives = false
  })
  expect(await reach(stack, offset, { id: step, ms: 200 }, 'in', () => lives)).toBe(true)
  process.kill(pid, signal)
  return { offset, ...(await ended) }
}

/** Users are to go back, users and workers, or nobody yet. */
const INTERRUPTIONS: [string, NodeJS.Signals, string][] = [
  ['Ctrl-C', 'SIGINT', 'canary-50'],
  ['a closed terminal', 'SIGHUP', 'cron'],
  ['a host that shuts down', 'SIGTERM', 'start'],
]

describe(`a deploy (seed ${SEED})`, () => {
  it.each(draw(INTERRUPTIONS, 1))(
    'that meets %s goes back to the old release by itself, with nothing lost',
    async (_, signal, step) => {
      const live = await stack.active()
      const old = await stack.inspect(stack.container(`api_${live}`), '{{.Config.Image}}')
      const load = await loadOn(stack, LIGHT)
      const { code, stdout, stderr, offset } = await interrupted(signal, step)
      expect(code, stdout + stderr).toBe(130)
      expect(entriesFrom(stack, offset).at(-1)).toMatchObject({
        event: 'end',
        result: 'aborted',
        active: live,
      })
      await untilReady(stack, other(live))
      await waitUntil('the stack is well', async () => (await stack.status()).ok)
      expect(await audit(stack, [old])).toEqual([])
      expect(losses(await load.stop())).toEqual([])
    },
  )

  it('refuses a second one with its owner and start, and lets it wait', async () => {
    const twin = await buildImage(stack, 'v-second')
    const offset = journalSize(stack)
    const first = start('./ecomweb', ['deploy', image, ...DEPLOY], { cwd: stack.info.folder })
    await waitUntil('the first has begun', () => entriesFrom(stack, offset).length > 0)
    const refused = await stack.ecomweb(['deploy', twin, ...DEPLOY], { check: false })
    expect(refused.code).toBe(75)
    expect(refused.stderr).toMatch(/pid:\s+\d+[\s\S]*command: ecomweb deploy[\s\S]*since:[\s\S]*--wait/)
    const second = stack.ecomweb(['deploy', twin, ...DEPLOY, '--wait'], { check: false })
    await first.ended
    const waited = await second
    expect(waited.code, waited.stdout + waited.stderr).toBe(0)
    // Never interleaved: every line of the first comes before every line of the second.
    const ids = entriesFrom(stack, offset).map(({ id }) => id)
    expect(ids).toEqual(ids.toSorted())
    expect(new Set(ids).size).toBe(2)
    const live = await stack.active()
    expect(await stack.inspect(stack.container(`api_${live}`), '{{.Config.Image}}')).toBe(
      await imageId(stack, twin),
    )
  })
})
