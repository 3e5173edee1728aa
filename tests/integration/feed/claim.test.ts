import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { PrismaPg } from '@prisma/adapter-pg'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { ClaimLostError, feedRuns, LOST_AFTER_MS } from '../../../apps/core/feed/runs.ts'
import { PrismaClient } from '../../../prisma/generated/client.ts'
import { waitUntil } from '../../e2e/harness/wait.ts'
import { type OwnDatabase, ownDatabase } from '../database.ts'
import { type Runner, startRunner } from './processes.ts'

let own: OwnDatabase
let folder: string
let cache: string
const runners: Runner[] = []

beforeAll(async () => {
  own = await ownDatabase()
})

beforeEach(async () => {
  await own.sql('DELETE FROM feed_runs')
  folder = mkdtempSync(join(tmpdir(), 'feed-claim-'))
  cache = join(folder, 'current')
})

afterEach(async () => {
  await Promise.all(runners.splice(0).map((runner) => runner.kill('SIGKILL')))
  rmSync(folder, { recursive: true })
})

afterAll(() => own.drop())

const later = (ms: number) => () => new Date(Date.now() + ms)
const afterTheLimit = later(LOST_AFTER_MS + 1000)

function start(): Runner {
  const runner = startRunner(own.url, cache)
  runners.push(runner)
  return runner
}

const statuses = async () =>
  (await own.sql<{ status: string }>('SELECT status FROM feed_runs ORDER BY id')).map(({ status }) => status)

describe('the claim to the refresh', () => {
  test('goes to one of many who ask for it at the same time, through several pools', async () => {
    const pools = [own.open(), own.open(), own.open(), own.open()]
    const asked = Array.from({ length: 20 }, (_, i) =>
      feedRuns(pools[i % pools.length] as (typeof pools)[0], `asker ${i}`).begin('request'),
    )
    const begun = (await Promise.all(asked)).filter((id) => id !== undefined)
    expect(begun).toHaveLength(1)
    expect(await statuses()).toEqual(['running'])
  })

  test('is taken over once, by one of many, from a run that fell silent', async () => {
    const pools = [own.open(), own.open(), own.open(), own.open()]
    const lost = await feedRuns(own.open(), 'dead').begin('request')
    const asked = Array.from({ length: 20 }, (_, i) =>
      feedRuns(pools[i % pools.length] as (typeof pools)[0], `asker ${i}`, afterTheLimit).begin('request'),
    )
    expect((await Promise.all(asked)).filter((id) => id !== undefined)).toHaveLength(1)
    expect(await statuses()).toEqual(['lost', 'running'])
    expect(await feedRuns(own.open(), 'dead').heartbeat(lost ?? 0n, { phase: '', rows: 0, bytes: 0 })).toBe(
      'lost',
    )
  })

  test('shows how far the run is, and asks it to stop', async () => {
    const runs = feedRuns(own.open(), 'runner')
    const id = (await runs.begin('schedule')) ?? 0n
    const progress = { phase: 'exporting', rows: 51_000, rowsExpected: 102_052, bytes: 40_000_000 }
    expect(await runs.heartbeat(id, progress)).toBe('running')
    expect((await runs.state()).running).toMatchObject({ ...progress, id: String(id) })
    expect(await runs.requestCancel()).toBe(true)
    expect(await runs.heartbeat(id, progress)).toBe('cancelled')
    expect(await runs.finish(id, 'cancelled', 'cancelled on request')).toBe(true)
    expect(await runs.state()).toMatchObject({
      running: null,
      last: { status: 'cancelled', failure: 'cancelled on request' },
    })
    expect(await runs.requestCancel()).toBe(false)
    expect(await runs.finish(id, 'finished')).toBe(false)
  })

  test('of a run that fell silent is shown as lost before anybody has taken it over', async () => {
    const database = own.open()
    await feedRuns(database, 'dead').begin('request')
    const runs = feedRuns(database, 'reader', afterTheLimit)
    expect(await runs.state()).toMatchObject({
      running: null,
      last: { status: 'lost', failure: expect.stringContaining('no sign of life') },
    })
    expect(await runs.requestCancel()).toBe(false)
  })

  test('leaves the record of the last hundred runs', async () => {
    const runs = feedRuns(own.open(), 'runner')
    await own.sql(
      `INSERT INTO feed_runs (status, owner, trigger) SELECT 'failed', 'x', 'request' FROM generate_series(1, 150)`,
    )
    await runs.begin('request')
    const [{ kept, newest } = {}] = await own.sql(
      `SELECT count(*)::int AS kept, (array_agg(status ORDER BY id DESC))[1] AS newest FROM feed_runs`,
    )
    expect({ kept, newest }).toEqual({ kept: 100, newest: 'running' })
  })
})

describe('a process that refreshes the feed', () => {
  test('and is killed has lost its claim after the limit, not before, and the next one begins', async () => {
    const runner = start()
    await runner.heard('syncing')
    await runner.kill('SIGKILL')
    const database = own.open()
    expect(await feedRuns(database, 'early', later(LOST_AFTER_MS - 5000)).begin('request')).toBeUndefined()
    expect(await feedRuns(database, 'next', afterTheLimit).begin('request')).toBeDefined()
    expect(await statuses()).toEqual(['lost', 'running'])
    expect(existsSync(cache)).toBe(false)
  })

  test('and goes on after its claim was taken over replaces nothing', async () => {
    const runner = start()
    await runner.heard('syncing')
    await runner.kill('SIGSTOP')
    const next = feedRuns(own.open(), 'next', afterTheLimit)
    const id = (await next.begin('request')) ?? 0n
    await next.publish(id, async () => {
      writeFileSync(cache, 'by the next')
      return { count: 1, bytes: 1 }
    })
    runner.goOn()
    await runner.kill('SIGCONT')
    expect(await runner.ended()).toMatchObject({ outcome: 'lost' })
    expect(readFileSync(cache, 'utf8')).toBe('by the next')
    expect(await statuses()).toEqual(['lost', 'finished'])
  })

  test('cannot be taken over between its last look at the claim and the end of the swap, however long it is stopped there', async () => {
    const runner = start()
    await runner.heard('syncing')
    runner.goOn()
    await runner.heard('swapping')
    await runner.kill('SIGSTOP')
    const next = feedRuns(own.open(), 'next', afterTheLimit)
    expect(await next.begin('request')).toBeUndefined()
    runner.goOn()
    await runner.kill('SIGCONT')
    expect(await runner.ended()).toEqual({ outcome: 'finished', count: 10, bytes: 1000 })
    expect(readFileSync(cache, 'utf8')).toBe(`by ${runner.pid}`)
    expect(await statuses()).toEqual(['finished'])
    expect(await next.begin('request')).toBeDefined()
  })

  test('and is killed in the midst of the swap does not keep the claim', async () => {
    const runner = start()
    await runner.heard('syncing')
    runner.goOn()
    await runner.heard('swapping')
    await runner.kill('SIGKILL')
    const next = feedRuns(own.open(), 'next', afterTheLimit)
    expect(await waitUntil('the claim is free', () => next.begin('request'))).toBeDefined()
  })
})

describe('publishing', () => {
  test('outlasts the limit that PostgreSQL sets on transactions that do nothing', async () => {
    const adapter = new PrismaPg({ connectionString: own.url, idle_in_transaction_session_timeout: 1000 })
    const database = new PrismaClient({ adapter })
    const runs = feedRuns(database, 'runner')
    const id = (await feedRuns(own.open(), 'runner').begin('request')) ?? 0n
    const settled = waitUntil('the transaction has been idle', async () => {
      const idle = await own.sql(
        `SELECT 1 FROM pg_stat_activity WHERE datname = '${own.name}' AND state = 'idle in transaction'
           AND clock_timestamp() - state_change > interval '2 s'`,
      )
      return idle.length > 0
    })
    await expect(
      runs.publish(id, () => settled.then(() => ({ count: 3, bytes: 30 }))),
    ).resolves.toMatchObject({ count: 3 })
    expect(await statuses()).toEqual(['finished'])
    await database.$disconnect()
  })

  test('is refused to a run that was cancelled or taken over, and a failing swap leaves the run as it is', async () => {
    const runs = feedRuns(own.open(), 'runner')
    const never = async () => {
      throw new Error('swapped')
    }
    const id = (await runs.begin('request')) ?? 0n
    await expect(runs.publish(id, never)).rejects.toThrow('swapped')
    expect(await statuses()).toEqual(['running'])
    await runs.requestCancel()
    await expect(runs.publish(id, never)).rejects.toThrow('cancelled on request')
    await feedRuns(own.open(), 'next', afterTheLimit).begin('request')
    await expect(runs.publish(id, never)).rejects.toThrow(ClaimLostError)
  })
})
