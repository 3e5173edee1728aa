import { describe, expect, it } from 'vitest'
import { sharedState } from '../../../../apps/core/feed/refresh-state.ts'
import type { RunState } from '../../../../apps/core/feed/runs.ts'

/** A database whose answers are given by hand, and a clock. */
function world() {
  const reads: PromiseWithResolvers<RunState>[] = []
  const waits: PromiseWithResolvers<void>[] = []
  const clock = { now: 0 }
  const next = <T>(list: PromiseWithResolvers<T>[]): Promise<T> => {
    const one = Promise.withResolvers<T>()
    list.push(one)
    return one.promise
  }
  const shared = sharedState({ state: () => next(reads) }, { now: () => clock.now, pause: () => next(waits) })
  return { ...shared, reads, waits, clock }
}

const idle: RunState = { running: null, last: null }

describe('the state of the refresh that a process shares', () => {
  it('is read once for all who ask within a second, and again after it', async () => {
    const { get, reads, clock } = world()
    const asked = [get(), get(), get()]
    reads[0]?.resolve(idle)
    expect(await Promise.all(asked)).toEqual([idle, idle, idle])
    clock.now = 999
    expect(await get()).toBe(idle)
    expect(reads).toHaveLength(1)
    clock.now = 1000
    const fresh = get()
    reads[1]?.resolve({ ...idle })
    expect(await fresh).toEqual(idle)
    expect(reads).toHaveLength(2)
  })

  it('is unknown as long as the database fails, and it is asked no more often', async () => {
    const { get, reads, clock } = world()
    const asked = get()
    reads[0]?.reject(new Error('away'))
    expect(await asked).toBe('unknown')
    expect(await get()).toBe('unknown')
    expect(reads).toHaveLength(1)
    clock.now = 1000
    void get()
    expect(reads).toHaveLength(2)
  })

  it('is unknown while the database is silent, which is asked one question only', async () => {
    const { get, reads, waits, clock } = world()
    const first = get()
    waits[0]?.resolve()
    expect(await first).toBe('unknown')
    clock.now = 5000
    const second = get()
    expect(reads).toHaveLength(1)
    reads[0]?.resolve(idle)
    expect(await second).toBe(idle)
  })

  it('is read anew after something was begun here, even if a read was under way', async () => {
    const { get, forget, reads } = world()
    const before = get()
    forget()
    const after = get()
    reads[0]?.resolve(idle)
    expect(await before).toBe(idle)
    const running = {
      ...idle,
      last: { id: '1', status: 'lost' as const, failure: null, finishedAt: new Date(0) },
    }
    reads[1]?.resolve(running)
    expect(await after).toBe(running)
    expect(await get()).toBe(running)
  })
})
