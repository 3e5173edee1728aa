import { describe, expect, it } from 'vitest'
import type { Claims } from '../../../apps/cron/claims.ts'
import { JobRunner, type RunnerParts } from '../../../apps/cron/runner.ts'

const at = (minute: number) => new Date(Date.UTC(2026, 2, 1, 10, minute))
const silent = { info: () => {}, warn: () => {}, error: () => {} } as unknown as RunnerParts['log']

/** The table of claims that every cron process shares. */
class Table implements Claims {
  rows = new Map<number, string>()
  away = false

  #reach() {
    if (this.away) throw new Error('database away')
  }
  async last() {
    this.#reach()
    return this.rows.size > 0 ? new Date(Math.max(...this.rows.keys())) : undefined
  }
  async claim(_: string, slot: Date) {
    this.#reach()
    if (this.rows.has(slot.getTime())) return false
    this.rows.set(slot.getTime(), 'running')
    return true
  }
  async finish(_: string, slot: Date, status: string) {
    this.#reach()
    this.rows.set(slot.getTime(), status)
  }
  minutes() {
    return [...this.rows].map(([time, status]) => [new Date(time).getUTCMinutes(), status])
  }
}

const cron = (
  table: Table,
  run: (slot: Date) => Promise<void> = async () => {},
  sleep?: RunnerParts['sleep'],
) => {
  const ran: number[] = []
  const job = {
    name: 'heartbeat',
    schedule: '* * * * *',
    run: (slot: Date) => {
      ran.push(slot.getUTCMinutes())
      return run(slot)
    },
  }
  const runner = new JobRunner({
    job,
    matches: () => true,
    claims: table,
    log: silent,
    ...(sleep && { sleep }),
  })
  return { runner, ran }
}

describe('a job', () => {
  it('runs at its minute and is recorded', async () => {
    const table = new Table()
    const { runner, ran } = cron(table)
    await runner.tick(at(5))
    expect(ran).toEqual([5])
    expect(table.minutes()).toEqual([[5, 'finished']])
  })

  it('runs each slot once when two processes overlap', async () => {
    const table = new Table()
    const [blue, green] = [cron(table), cron(table)]
    for (let minute = 0; minute < 10; minute++)
      await Promise.all([blue.runner.tick(at(minute)), green.runner.tick(at(minute))])
    expect([...blue.ran, ...green.ran].sort((a, b) => a - b)).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9])
  })

  it('has missed nothing when it has never run', async () => {
    const { runner, ran } = cron(new Table())
    await runner.catchUp(at(5))
    expect(ran).toEqual([])
  })

  it('makes up for what was missed while no cron ran, oldest first', async () => {
    const table = new Table()
    await cron(table).runner.tick(at(1))
    const { runner, ran } = cron(table)
    await runner.catchUp(at(4))
    expect(ran).toEqual([2, 3, 4])
  })

  it('makes up for what was missed while the database was away', async () => {
    const table = new Table()
    let naps = 0
    const { runner, ran } = cron(table, undefined, async () => {
      table.away = ++naps < 3
    })
    await runner.tick(at(1))
    table.away = true
    await Promise.all([runner.tick(at(2)), runner.tick(at(3))])
    expect(ran).toEqual([1, 2, 3])
    expect(naps).toBe(3)
  })

  it('is recorded as failed when it throws, and goes on at the next minute', async () => {
    const table = new Table()
    const { runner } = cron(table, async (slot) => {
      if (slot.getUTCMinutes() === 1) throw new Error('broken')
    })
    await runner.tick(at(1))
    await runner.tick(at(2))
    expect(table.minutes()).toEqual([
      [1, 'failed'],
      [2, 'finished'],
    ])
  })
})

describe('stopping', () => {
  it('waits for the slot that is running and begins no other', async () => {
    const table = new Table()
    table.rows.set(at(0).getTime(), 'finished')
    const running = Promise.withResolvers<void>()
    const begun = Promise.withResolvers<void>()
    const { runner, ran } = cron(table, () => {
      begun.resolve()
      return running.promise
    })
    void runner.catchUp(at(3))
    await begun.promise
    let stopped = false
    const stop = runner.stop().then(() => {
      stopped = true
    })
    await Promise.resolve()
    expect(stopped).toBe(false)
    running.resolve()
    await stop
    expect(ran).toEqual([1])
    expect(table.minutes()).toContainEqual([1, 'finished'])
  })

  it('does not wait for a database that is away', async () => {
    const table = new Table()
    table.away = true
    const { runner, ran } = cron(table)
    const tick = runner.tick(at(1))
    await runner.stop()
    await tick
    expect(ran).toEqual([])
  })
})
