import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { fromSource } from '../../../apps/core/feed/from-source.ts'
import { type RefreshParts, refreshFeed, type Sync } from '../../../apps/core/feed/refresh.ts'
import { feedRuns, LOST_AFTER_MS, RefreshCancelledError } from '../../../apps/core/feed/runs.ts'
import { backgroundRefresh, type RefreshWorkflow, workflowRefresh } from '../../../apps/core/feed/trigger.ts'
import { openLog } from '../../../apps/core/log.ts'
import { waitUntil } from '../../e2e/harness/wait.ts'
import { type OwnDatabase, ownDatabase } from '../database.ts'

let own: OwnDatabase
let runs: ReturnType<typeof feedRuns>
const log = openLog({ LOG_LEVEL: 'silent' })
const soon = { everyMs: 20 }

beforeAll(async () => {
  own = await ownDatabase()
  runs = feedRuns(own.open(), 'test')
})

beforeEach(async () => {
  await own.sql('DELETE FROM feed_runs')
})

afterAll(() => own.drop())

const noSource = {
  ...{ FEED_DIR: '/nowhere', FEED_SOURCE_DATABASE: 'shop', FEED_SOURCE_TABLE: 'orders' },
  ...{ FEED_SOURCE_URL: undefined, FEED_SOURCE_USER: undefined, FEED_SOURCE_PASSWORD: undefined },
}
const made = { count: 102_052, bytes: 81_000_000 }
const quick: Sync = ({ publish }) => publish(async () => made)

/** Says how far it is, and then waits for the signal as a sync that hangs does; `swapped` if it went on all the same. */
function hanging() {
  const seen = { swapped: false, began: Promise.withResolvers<void>() }
  const sync: Sync = async ({ signal, onProgress, publish }) => {
    onProgress({ phase: 'exporting', rows: 51_000, rowsExpected: 102_052, bytes: 40_000_000 })
    seen.began.resolve()
    await new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve()))
    return publish(async () => {
      seen.swapped = true
      return made
    })
  }
  return { sync, seen }
}

const refresh = (parts: Partial<RefreshParts>) =>
  refreshFeed({
    ...{ runs, sync: quick, trigger: 'request', limitMs: 60_000, log, beatMs: 20 },
    signal: new AbortController().signal,
    ...parts,
  })

describe('a refresh', () => {
  test('is noted as finished, with what it made', async () => {
    expect(await refresh({})).toEqual({ outcome: 'finished', ...made })
    expect(await runs.state()).toMatchObject({ running: null, last: { status: 'finished', failure: null } })
    expect(await own.sql('SELECT rows, bytes::int, owner, trigger FROM feed_runs')).toEqual([
      { rows: 102_052, bytes: 81_000_000, owner: 'test', trigger: 'request' },
    ])
  })

  test('shows how far it is, keeps its claim from others, and stops when it is cancelled', async () => {
    const { sync, seen } = hanging()
    const first = refresh({ sync })
    const running = await waitUntil(
      'progress is seen',
      async () => (await runs.state()).running?.rows === 51_000 && (await runs.state()).running,
      soon,
    )
    expect(running).toMatchObject({ phase: 'exporting', rowsExpected: 102_052, bytes: 40_000_000 })
    expect(await refresh({})).toEqual({ outcome: 'already in progress' })
    expect(await runs.requestCancel()).toBe(true)
    expect(await first).toEqual({ outcome: 'cancelled', failure: 'cancelled on request' })
    expect(seen.swapped).toBe(false)
    expect((await runs.state()).last).toMatchObject({ status: 'cancelled', failure: 'cancelled on request' })
  })

  test('that takes too long is given up, and says how far it was', async () => {
    const { sync, seen } = hanging()
    expect(await refresh({ sync, limitMs: 100 })).toMatchObject({ outcome: 'failed' })
    expect(seen.swapped).toBe(false)
    expect((await runs.state()).last?.failure).toBe(
      'not done within 0.1 s (FEED_SYNC_LIMIT_MS): given up while exporting (51000 of 102052 rows)',
    )
  })

  test('that fails keeps the reason, that of its cause included, and the next one begins at once', async () => {
    const sync: Sync = async () => {
      throw new TypeError('fetch failed', { cause: new Error('connect ECONNREFUSED 10.0.0.7:443') })
    }
    await refresh({ sync })
    expect((await runs.state()).last).toMatchObject({
      status: 'failed',
      failure: 'fetch failed: connect ECONNREFUSED 10.0.0.7:443',
    })
    expect(await refresh({})).toMatchObject({ outcome: 'finished' })
  })

  test('that its process ends is noted as interrupted, and as cancelled if somebody meant that', async () => {
    for (const [reason, status, failure] of [
      [
        new Error('this process ends'),
        'failed',
        'interrupted while exporting (51000 of 102052 rows): this process ends',
      ],
      [new RefreshCancelledError(), 'cancelled', 'cancelled on request'],
    ] as const) {
      const { sync, seen } = hanging()
      const ending = new AbortController()
      const ended = refresh({ sync, signal: ending.signal })
      await seen.began.promise
      ending.abort(reason)
      await ended
      expect((await runs.state()).last).toMatchObject({ status, failure })
    }
  })

  test('whose claim was taken over stops, and leaves the row of its successor alone', async () => {
    const { sync, seen } = hanging()
    const first = refresh({ sync })
    await seen.began.promise
    const later = () => new Date(Date.now() + LOST_AFTER_MS + 1000)
    const next = await feedRuns(own.open(), 'next', later).begin('request')
    expect(next).toBeDefined()
    expect(await first).toMatchObject({ outcome: 'lost' })
    expect(seen.swapped).toBe(false)
    expect((await own.sql('SELECT status FROM feed_runs ORDER BY id')).map((run) => run.status)).toEqual([
      'lost',
      'running',
    ])
  })

  test('that hears nothing from the database stops by itself before another one may begin', async () => {
    const { sync, seen } = hanging()
    const clock = { at: 0 }
    const heartbeat = async () => {
      clock.at += 2000
      throw new Error('the database is away')
    }
    const result = await refresh({ sync, runs: { ...runs, heartbeat }, now: () => new Date(clock.at) })
    expect(result).toEqual({ outcome: 'failed', failure: 'the database was away for 20 s' })
    expect(clock.at).toBeLessThan(LOST_AFTER_MS)
    expect(seen.swapped).toBe(false)
  })

  test('is finished once the cache is replaced, whatever fails afterwards', async () => {
    const ending = new AbortController()
    const sync: Sync = async ({ publish }) => {
      await publish(async () => made)
      ending.abort(new Error('this process ends'))
      throw new Error('cannot tidy')
    }
    expect(await refresh({ sync, signal: ending.signal })).toEqual({ outcome: 'finished', ...made })
    expect((await runs.state()).last).toMatchObject({ status: 'finished', failure: null })
  })

  test('of a sync that replaces nothing, or replaces it without the claim, has failed', async () => {
    expect(await refresh({ sync: async () => made })).toMatchObject({ outcome: 'failed' })
  })
})

describe('the refresh in the background of the API', () => {
  const open = (sync: Sync) => backgroundRefresh({ runs, sync, limitMs: 60_000, log })

  test('answers at once, runs once in however many processes, and is interrupted by the end of its own', async () => {
    const { sync, seen } = hanging()
    const processes = [open(sync), open(sync), open(sync)]
    const answers = await Promise.all(processes.map((one) => one.trigger()))
    expect(answers.toSorted()).toEqual(['already in progress', 'already in progress', 'triggered'])
    await seen.began.promise
    for (const one of processes) expect(await one.state()).toMatchObject({ running: { phase: 'starting' } })
    await Promise.all(processes.map((one) => one.close()))
    expect((await runs.state()).last).toMatchObject({
      status: 'failed',
      failure: expect.stringMatching(/^interrupted while exporting .* this process ends$/),
    })
    await expect(processes[0]?.trigger()).rejects.toThrow('this process ends')
  })

  test('is cancelled from another process, and there is nothing to cancel afterwards', async () => {
    const { sync } = hanging()
    const [one, other] = [open(sync), open(sync)]
    await one.trigger()
    expect(await other.cancel()).toBe(true)
    await waitUntil('it is cancelled', async () => (await runs.state()).last?.status === 'cancelled', soon)
    expect(await other.cancel()).toBe(false)
    await one.close()
  })

  test('without a source says what to set', async () => {
    const one = open(fromSource(noSource))
    expect(await one.trigger()).toBe('triggered')
    const { last } = await waitUntil('it has ended', async () => {
      const state = await runs.state()
      return state.last ? state : undefined
    })
    expect(last).toMatchObject({ status: 'failed', failure: 'no source is configured: set FEED_SOURCE_URL' })
  })
})

describe('the refresh in a worker', () => {
  /** Temporal, as far as the refresh asks it. */
  const temporal = () => {
    const state = { since: undefined as Date | undefined, started: 0 }
    const workflow: RefreshWorkflow = {
      async start() {
        state.started++
        if (state.since) return 'already in progress'
        state.since = new Date()
        return 'triggered'
      },
      since: async () => state.since,
      async stop() {
        const found = state.since !== undefined
        state.since = undefined
        return found
      },
      close: async () => {},
    }
    return { state, workflow }
  }

  test('is started as a workflow, unless a run goes on whoever began it', async () => {
    const { state, workflow } = temporal()
    const one = workflowRefresh(runs, workflow)
    expect(await one.trigger()).toBe('triggered')
    expect(await one.trigger()).toBe('already in progress')
    expect(state.started).toBe(2)
    await runs.begin('schedule')
    expect(await one.trigger()).toBe('already in progress')
    expect(state.started).toBe(2)
    expect(await one.cancel()).toBe(true)
  })

  test('is shown as waiting from the request until a worker begins it', async () => {
    const { state, workflow } = temporal()
    const one = workflowRefresh(runs, workflow)
    expect(await one.state()).toEqual({ running: null, last: null })
    await one.trigger()
    expect(await one.state()).toEqual({ running: null, last: null, waitingSince: state.since })
    const id = (await runs.begin('request')) as bigint
    expect(await one.state()).toMatchObject({ running: { id: String(id) }, last: null })
    await runs.finish(id, 'failed', 'of this test')
    // Its workflow is about to end too.
    expect(await one.state()).not.toHaveProperty('waitingSince')
  })

  test('is cancelled while it waits, without a worker', async () => {
    const { workflow } = temporal()
    const one = workflowRefresh(runs, workflow)
    expect(await one.cancel()).toBe(false)
    await one.trigger()
    expect(await one.cancel()).toBe(true)
    expect(await one.state()).toEqual({ running: null, last: null })
  })

  test('is not triggered while Temporal is away', async () => {
    const { workflow } = temporal()
    const start = () => Promise.reject(new Error('Temporal is away'))
    await expect(workflowRefresh(runs, { ...workflow, start }).trigger()).rejects.toThrow('is away')
  })
})
