import { describe, expect, it } from 'vitest'
import { sharedState } from '../../../../../apps/core/feed/refresh-state.ts'
import type { RunState } from '../../../../../apps/core/feed/runs.ts'

/** A database whose answers are given by hand, and a patience that ends by hand. */
function world() {
  const reads: PromiseWithResolvers<RunState>[] = []
  const waits: PromiseWithResolvers<void>[] = []
  const next = <T>(list: PromiseWithResolvers<T>[]): Promise<T> => {
    const one = Promise.withResolvers<T>()
    list.push(one)
    return one.promise
  }
  const get = sharedState({ state: () => next(reads) }, () => next(waits))
  return { get, reads, waits }
}

const idle: RunState = { running: null, last: null }
const ended = (id: string): RunState => ({
  running: null,
  last: { id, status: 'finished', failure: null, finishedAt: new Date(0) },
})

describe('the state of the refresh that a process shares', () => {
  it('is never older than the question, and read by one query at a time', async () => {
    const { get, reads } = world()
    const first = get()
    const later = [get(), get(), get()]
    expect(reads).toHaveLength(1)
    reads[0]?.resolve(idle)
    expect(await first).toBe(idle)
    const latest = get()
    expect(reads).toHaveLength(2)
    reads[1]?.resolve(ended('1'))
    expect(await Promise.all(later)).toEqual([ended('1'), ended('1'), ended('1')])
    await expect.poll(() => reads.length).toBe(3)
    reads[2]?.resolve(ended('2'))
    expect(await latest).toEqual(ended('2'))
  })

  it('is unknown when the database fails, and asked for again by the next', async () => {
    const { get, reads } = world()
    const asked = get()
    reads[0]?.reject(new Error('away'))
    expect(await asked).toBe('unknown')
    const next = get()
    reads[1]?.resolve(idle)
    expect(await next).toBe(idle)
  })

  it('is unknown while the database is silent, which is asked one question only', async () => {
    const { get, reads, waits } = world()
    const asked = [get(), get()]
    for (const wait of waits) wait.resolve()
    expect(await Promise.all(asked)).toEqual(['unknown', 'unknown'])
    const last = get()
    expect(reads).toHaveLength(1)
    reads[0]?.resolve(idle)
    await expect.poll(() => reads.length).toBe(2)
    reads[1]?.resolve(ended('1'))
    expect(await last).toEqual(ended('1'))
  })
})
