import { describe, expect, it, vi } from 'vitest'
import { cron, minutely, Table } from './engine.fixture.ts'

describe('a slot whose process is gone', () => {
  const orphaned = (table: Table, attempts = 1) => {
    table.firstSeen.set('job', new Date('2026-03-01T10:00:30Z'))
    const slot = new Date('2026-03-01T10:01:00Z')
    table.rows.push({ job: 'job', slot, trigger: 'schedule', status: 'running', attempts, orphaned: true })
  }

  it('is reported as interrupted', async () => {
    const table = new Table()
    orphaned(table)
    const { job, ran } = minutely()
    await cron(table, [job]).at('10:01:30')
    expect(table.seen()).toEqual(['10:01:00 interrupted'])
    expect(ran).toEqual([])
  })

  it('is begun again where the job says so', async () => {
    const table = new Table()
    orphaned(table)
    const { job, ran } = minutely({ interrupted: 'retry' })
    await cron(table, [job]).at('10:01:30')
    expect(table.seen()).toEqual(['10:01:00 finished'])
    expect(ran).toEqual(['10:01'])
  })

  it('is given up after the third attempt', async () => {
    const table = new Table()
    orphaned(table, 3)
    const { job, ran } = minutely({ interrupted: 'retry' })
    await cron(table, [job]).at('10:01:30')
    expect(table.seen()).toEqual(['10:01:00 interrupted'])
    expect(ran).toEqual([])
  })
})

describe('stopping', () => {
  it('waits for the slot that is running and begins no other', async () => {
    const table = new Table()
    const running = Promise.withResolvers<void>()
    const { job, ran } = minutely({ run: () => running.promise })
    const { engine, at, set } = cron(table, [job])
    await at('10:00:30')
    set('10:03:00')
    engine.tick()
    await vi.waitFor(() => expect(ran).toEqual(['10:01']))
    const stopped = vi.fn()
    const stop = engine.stop(30_000).then(stopped)
    await new Promise(setImmediate)
    expect(stopped).not.toHaveBeenCalled()
    running.resolve()
    await stop
    expect(ran).toEqual(['10:01'])
    expect(table.seen()).toEqual(['10:01:00 finished'])
  })

  it('tells a job that exceeds its grace, and records it as interrupted', async () => {
    vi.useFakeTimers()
    const table = new Table()
    const told = vi.fn()
    const { job } = minutely({
      run: (_, { signal }) => new Promise(() => signal.addEventListener('abort', told)),
    })
    const { engine, at, set } = cron(table, [job])
    await at('10:00:30')
    set('10:01:00')
    engine.tick()
    await vi.advanceTimersByTimeAsync(0)
    const stop = engine.stop(10_000)
    await vi.advanceTimersByTimeAsync(6900)
    expect(told).not.toHaveBeenCalled()
    await vi.advanceTimersByTimeAsync(1200)
    await stop
    vi.useRealTimers()
    expect(told).toHaveBeenCalledOnce()
    expect(table.seen()).toEqual(['10:01:00 interrupted'])
  })
})
