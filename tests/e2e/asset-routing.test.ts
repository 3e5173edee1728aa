import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { startEdge, type TestEdge } from './harness/edge/edge.ts'

let edge: TestEdge

beforeAll(async () => {
  edge = await startEdge()
})
afterAll(() => edge.remove())

const served = async (path: string) => {
  const { status, servedBy } = await edge.get(path)
  return [status, servedBy]
}

describe.each([
  ['blue', 'green'],
  ['green', 'blue'],
] as const)('while %s is active', (active, other) => {
  afterEach(() => edge.start(other))

  it('a page of either release gets the files that it names', async () => {
    await edge.route({ active })
    for (let turn = 0; turn < 10; turn++) {
      expect(await served(`/assets/${active}-1a2b.js`)).toEqual([200, active])
      expect(await served(`/assets/${other}-1a2b.js`)).toEqual([200, other])
    }
  })

  it('a file that neither has is not found, and nothing else is asked of the other', async () => {
    await edge.route({ active })
    expect((await served('/assets/none.js'))[0]).toBe(404)
    expect(await served('/nowhere')).toEqual([404, active])
  })

  it('its own files need nobody else', async () => {
    await edge.route({ active })
    await edge.stop(other)
    expect(await served(`/assets/${active}-1a2b.js`)).toEqual([200, active])
    expect((await served(`/assets/${other}-1a2b.js`))[0]).toBe(404)
  })
})
