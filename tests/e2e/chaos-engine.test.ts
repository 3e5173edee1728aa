import { describe, expect, it } from 'vitest'
import { ENGINE_CELLS } from '../engine/cells.ts'
import { engineProgram, killTheEngine } from '../engine/run.ts'
import { WHOLE } from './harness/draw.ts'

const TIME_LIMIT_MS = 1_500_000

/** Takes minutes and wants to be root: only with `./ecomweb test --chaos all`. */
describe.runIf(WHOLE)('an engine that is killed', () => {
  it(
    'in the middle of a deploy leaves one of the two releases, by resume and by abort',
    async ({ skip }) => {
      const dockerd = await engineProgram()
      if (!dockerd) return skip('needs root, and an engine that runs on this host')
      const { results, output } = await killTheEngine(dockerd, TIME_LIMIT_MS)
      console.log(results.map((result) => JSON.stringify(result)).join('\n'))
      expect(
        results.flatMap(({ problems }) => problems),
        output,
      ).toEqual([])
      expect(results.length, output).toBe(ENGINE_CELLS.length)
    },
    TIME_LIMIT_MS + 60_000,
  )
})
