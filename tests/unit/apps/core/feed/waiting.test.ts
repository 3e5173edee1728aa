import { describe, expect, it } from 'vitest'
import { lookForWaiting, stateWithWaiting } from '../../../../../apps/core/feed/waiting.ts'

const since = new Date(1000)
const never = () => new Promise<never>(() => {})

describe('a refresh that waits', () => {
  it('is looked for once a second at most, and anew when somebody has changed it', async () => {
    let [looks, time] = [0, 0]
    const look = async () => {
      looks++
      return since
    }
    const waiting = lookForWaiting(look, { now: () => time, pause: never })
    expect(await Promise.all([waiting.since(), waiting.since()])).toEqual([since, since])
    time = 999
    await waiting.since()
    expect(looks).toBe(1)
    time = 1000
    await waiting.since()
    expect(looks).toBe(2)
    waiting.forget()
    await waiting.since()
    expect(looks).toBe(3)
  })

  it('is not known while the look fails, or is silent for too long', async () => {
    const failing = lookForWaiting(() => Promise.reject(new Error('away')), { pause: never })
    expect(await failing.since()).toBeUndefined()
    const silent = lookForWaiting(never, { pause: async () => {} })
    expect(await silent.since()).toBeUndefined()
  })

  it.each([
    ['finished', 999, true],
    ['finished', 1001, false],
    ['failed', 1001, false],
    ['lost', 1001, true],
  ] as const)('is told from one that has %s at %d ms: %s', async (status, finishedAt, waits) => {
    const last = { id: '1', status, failure: null, finishedAt: new Date(finishedAt) }
    const state = { running: null, last }
    const found = await stateWithWaiting(async () => state, { since: async () => since })
    expect(found).toEqual(waits ? { ...state, waitingSince: since } : state)
  })
})
