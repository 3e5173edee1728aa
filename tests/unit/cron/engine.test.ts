import { describe, expect, it, vi } from 'vitest'
import { cron, minutely, Table } from './engine.fixture.ts'

describe('a job', () => {
  it('runs at its slot, once, and is on record', async () => {
    const table = new Table()
    const { job, ran } = minutely()
    const { at } = cron(table, [job])
    await at('10:00:30')
    await at('10:01:00')
    await at('10:01:01')
    expect(ran).toEqual(['10:01'])
    expect(table.seen()).toEqual(['10:01:00 finished'])
  })

  it('has missed nothing when it was never seen', async () => {
    const { job, ran } = minutely()
    await cron(new Table(), [job]).at('10:05:00')
    expect(ran).toEqual([])
  })

  it('makes up for what was missed while no process ran, oldest first', async () => {
    const table = new Table()
    await cron(table, [minutely().job]).at('10:00:30')
    const { job, ran } = minutely()
    await cron(table, [job]).at('10:03:10')
    expect(ran).toEqual(['10:01', '10:02', '10:03'])
  })

  it('makes up for what was missed while the database was away', async () => {
    const table = new Table()
    const { job, ran } = minutely()
    const { at } = cron(table, [job])
    await at('10:00:30')
    table.away = true
    await at('10:01:00')
    await at('10:02:00')
    expect(ran).toEqual([])
    table.away = false
    await at('10:02:01')
    expect(ran).toEqual(['10:01', '10:02'])
  })

  it('makes up for what a clock that jumps ahead has passed, and runs nothing twice when it is set back', async () => {
    const { job, ran } = minutely()
    const { at } = cron(new Table(), [job])
    await at('10:00:30')
    await at('10:02:00')
    await at('10:01:00')
    await at('10:02:00')
    await at('10:03:00')
    expect(ran).toEqual(['10:01', '10:02', '10:03'])
  })

  it('goes on after the clock was a day ahead for a moment', async () => {
    const table = new Table()
    const { job, ran } = minutely({ catchUp: { policy: 'last', withinMs: 60_000 } })
    const { at } = cron(table, [job])
    await at('10:00:30')
    await at('23:00:00')
    await at('10:01:00')
    expect(ran).toEqual(['23:00', '10:01'])
  })

  it('is recorded as failed when it throws, and goes on at the next slot', async () => {
    const table = new Table()
    const fail = async (slot: Date) => {
      if (slot.getUTCMinutes() === 1) throw new Error('broken')
    }
    const { at } = cron(table, [minutely({ run: fail }).job])
    await at('10:00:30')
    await at('10:02:00')
    expect(table.seen()).toEqual(['10:01:00 failed', '10:02:00 finished'])
  })

  it('is recorded as timed out at its limit, whether it heeds its signal or not', async () => {
    vi.useFakeTimers()
    const table = new Table()
    const heeding = minutely({
      name: 'heeding',
      limitMs: 1000,
      run: (_, { signal }) =>
        new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason))),
    })
    const deaf = minutely({ name: 'deaf', limitMs: 1000, run: () => new Promise(() => {}) })
    const { at } = cron(table, [heeding.job, deaf.job])
    await at('10:00:30')
    const ran = at('10:01:00')
    await vi.advanceTimersByTimeAsync(2000)
    await ran
    vi.useRealTimers()
    expect([table.seen('heeding'), table.seen('deaf')]).toEqual([
      ['10:01:00 timed-out'],
      ['10:01:00 timed-out'],
    ])
  })

  it('does not run while it is paused', async () => {
    const table = new Table()
    const { job, ran } = minutely()
    const { at } = cron(table, [job])
    await at('10:00:30')
    table.paused.add('job')
    await at('10:01:00')
    expect(ran).toEqual([])
  })

  it('is not held up by another that takes long', async () => {
    const over = Promise.withResolvers<void>()
    const slow = minutely({ name: 'slow', run: () => over.promise })
    const { job, ran } = minutely()
    const { engine, at, set } = cron(new Table(), [slow.job, job])
    await at('10:00:30')
    set('10:01:00')
    engine.tick()
    await vi.waitFor(() => expect(ran).toEqual(['10:01']))
    over.resolve()
    await engine.settled()
  })
})

describe('two processes', () => {
  it('run each slot once, also when both believe that they are alone', async () => {
    const table = new Table()
    const [blue, green] = [minutely(), minutely()]
    const [one, two] = [cron(table, [blue.job]), cron(table, [green.job])]
    const minutes = Array.from({ length: 10 }, (_, minute) => `10:0${minute}`)
    await one.at('09:59:30')
    for (const minute of minutes) await Promise.all([one.at(`${minute}:00`), two.at(`${minute}:00`)])
    expect([...blue.ran, ...green.ran].toSorted()).toEqual(minutes)
  })

  it('leave it to the one that holds the lease, until that one stops', async () => {
    const table = new Table()
    const [blue, green] = [minutely(), minutely()]
    const one = cron(table, [blue.job], { alone: false })
    const two = cron(table, [green.job], { alone: false })
    await one.at('10:00:30')
    await Promise.all([one.at('10:01:00'), two.at('10:01:00')])
    await one.engine.stop(30_000)
    await two.at('10:02:00')
    expect([blue.ran, green.ran]).toEqual([['10:01'], ['10:02']])
  })
})
