import { describe, expect, it } from 'vitest'
import { readPatience, waitUntil } from '../../../../apps/core/attempts.ts'

const waiting = (answers: (string | undefined)[], maxAttempts: number) => {
  const said: string[] = []
  const slept: number[] = []
  const look = async () => (answers.length > 1 ? answers.shift() : answers[0])
  const sleep = async (ms: number) => slept.push(ms)
  const result = waitUntil(look, { maxAttempts, intervalMs: 2000, say: (line) => said.push(line), sleep })
  return { result, said, slept }
}

describe('waiting for something', () => {
  it('says nothing when it is there', async () => {
    const { result, said, slept } = waiting([undefined], 60)
    expect(await result).toBeUndefined()
    expect([said, slept]).toEqual([[], []])
  })

  it('says what it waits for once, not every time', async () => {
    const { result, said } = waiting(['away', 'away', 'away', undefined], 60)
    expect(await result).toBeUndefined()
    expect(said).toEqual(['waiting (attempt 1 of 60): away'])
  })

  it('says so when the reason changes', async () => {
    const { result, said } = waiting(['away', 'not migrated', undefined], 60)
    await result
    expect(said).toEqual(['waiting (attempt 1 of 60): away', 'waiting (attempt 2 of 60): not migrated'])
  })

  it('gives a sign of life every tenth time', async () => {
    const { result, said } = waiting(['away'], 21)
    await result
    expect(said.map((line) => line.match(/attempt (\d+)/)?.[1])).toEqual(['1', '10', '20'])
  })

  it('gives up at the maximum with what was missing last, without a last pause', async () => {
    const { result, slept } = waiting(['away', 'not migrated'], 3)
    expect(await result).toBe('not migrated')
    expect(slept).toEqual([2000, 2000])
  })
})

describe('the patience of a container', () => {
  it('is two minutes unless it is told otherwise', () => {
    expect(readPatience({})).toEqual({ maxAttempts: 60, intervalMs: 2000 })
    expect(readPatience({ READY_MAX_ATTEMPTS: '5', READY_INTERVAL_MS: '100' })).toEqual({
      maxAttempts: 5,
      intervalMs: 100,
    })
  })

  it.each(['', '0', '-1', 'many', '1.5'])('does not take %j for a number of attempts', (value) => {
    expect(readPatience({ READY_MAX_ATTEMPTS: value }).maxAttempts).toBe(60)
  })
})
