import { afterAll, beforeAll, expect, it } from 'vitest'
import { losses } from '../load/report.ts'
import { restore } from './harness/colours.ts'
import { stack } from './harness/current.ts'
import { LIGHT, loadOn } from './harness/load.ts'
import { other } from './harness/stack.ts'
import { waitUntil } from './harness/wait.ts'

let window: string | undefined
beforeAll(async () => {
  await restore(stack)
  // Streams that a switch closes softly would not be there any more to be killed.
  window = stack.editKitSetting('drain_window', '60s')
})
afterAll(async () => {
  if (window) stack.editKitSetting('drain_window', window)
  await restore(stack)
})

it('the load sees failures when the old colour is killed at once after a switch', async () => {
  const load = await loadOn(stack, {
    ...LIGHT,
    // Longer than a switch takes in all: those that the old colour has begun are still under way at its end. Streams
    // begin one after another; a machine that is short of processors takes 20 s for the switch.
    uploads: { clients: 6, takesMs: 15_000 },
    eventStreams: { clients: 12, lifeMs: 60_000 },
    webSockets: { clients: 12, lifeMs: 60_000 },
  })
  const old = await stack.active()
  await stack.switchTo(other(old))
  await stack.docker(['kill', stack.container(`api_${old}`)])
  const { begins, failures } = load.recorder
  const sofar = begins.length
  await waitUntil('the load went on', () => begins.length > sofar + 100)
  const report = await load.stop()

  const failed = (name: string): number => failures.filter((failure) => failure.class === name).length
  expect(failed('upload')).toBeGreaterThan(0)
  expect(failed('event-stream')).toBeGreaterThan(0)
  expect(failed('websocket')).toBeGreaterThan(0)
  expect(losses(report).length).toBeGreaterThan(0)
  // Traffic had moved, so what began afterwards was served: the failures are those of the kill.
  expect(failed('new-connection')).toBe(0)
})
