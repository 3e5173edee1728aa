import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import type { Database } from '../../../apps/core/database.ts'
import { CronEngine } from '../../../apps/cron/engine.ts'
import { HOUR_MS, type Job } from '../../../apps/cron/job.ts'
import { databaseLease, type Lease } from '../../../apps/cron/lease.ts'
import { databaseRecord } from '../../../apps/cron/record.ts'
import { type OwnDatabase, ownDatabase } from '../database.ts'

const silent = { info() {}, warn() {}, error() {} }
const BEGIN = Date.UTC(2026, 2, 1, 10)
let own: OwnDatabase
let database: Database
let clock = BEGIN

beforeAll(async () => {
  own = await ownDatabase()
  database = own.open('service', 8)
})
afterAll(() => own.drop())
beforeEach(async () => {
  clock = BEGIN
  await own.sql('TRUNCATE cron_run, cron_job, cron_lease, cron_proof')
})

const every = { schedule: '* * * * * *', catchUp: { policy: 'all', withinMs: HOUR_MS } } as const

const jobs = (): Job[] => [
  {
    ...{ ...every, name: 'transactional' },
    transactional: true,
    run: (slot, { transaction }) => transaction.cronProof.create({ data: { job: 'transactional', slot } }),
  },
  {
    ...{ ...every, name: 'plain' },
    run: (slot) => database.cronProof.create({ data: { job: 'plain', slot } }),
  },
]

const alwaysOurs: Lease = { hold: async () => true, release: async () => {} }

function engine(id: string, lease: Lease | undefined, its = jobs()) {
  return new CronEngine({
    ...{ jobs: its, database, log: silent, now: () => new Date(clock) },
    record: databaseRecord(database, { id, image: `sha256:${id}` }),
    lease: lease ?? databaseLease(database, id),
  })
}

/** Lets so many slots pass, one to four at a time, all processes looking at the same moment. */
async function pass(engines: CronEngine[], slots: number): Promise<void> {
  for (let left = slots; left > 0; ) {
    const step = Math.min(left, 1 + Math.floor(Math.random() * 4))
    clock += step * 1000
    left -= step
    await Promise.all(engines.map((one) => one.beat()))
    for (const one of engines) one.tick()
    await Promise.all(engines.map((one) => one.settled()))
  }
}

const counted = (table: string, by: string) =>
  own.sql<{ key: string; slots: number; rows: number }>(
    `SELECT ${by} AS key, count(DISTINCT slot)::int AS slots, count(*)::int AS rows FROM ${table} GROUP BY 1 ORDER BY 1`,
  )

test('two processes that both believe in their lease run each of 300 slots once', async () => {
  const engines = [engine('one', alwaysOurs), engine('two', alwaysOurs)]
  await Promise.all(engines.map((one) => one.beat()))
  await pass(engines, 300)
  const each = { slots: 300, rows: 300 }
  expect(await counted('cron_proof', 'job')).toEqual([
    { key: 'plain', ...each },
    { key: 'transactional', ...each },
  ])
  expect(await counted('cron_run', 'status')).toEqual([{ key: 'finished', slots: 300, rows: 600 }])
  expect((await counted('cron_run', 'owner')).map(({ key }) => key)).toEqual(['one', 'two'])
})

test('with the lease one of them runs all, and the other what comes after it has stopped', async () => {
  const [one, two] = [engine('one', undefined), engine('two', undefined)]
  await one.beat()
  await two.beat()
  await pass([one, two], 20)
  expect(await counted('cron_run', 'owner')).toEqual([{ key: 'one', slots: 20, rows: 40 }])
  await one.stop(1000)
  clock += 5000
  await two.beat()
  await pass([two], 1)
  expect(await counted('cron_run', 'owner')).toEqual([
    { key: 'one', slots: 20, rows: 40 },
    { key: 'two', slots: 6, rows: 12 },
  ])
})

test('a lease that nobody keeps is taken when it is over', async () => {
  const [dead, heir] = [databaseLease(database, 'dead', 50), databaseLease(database, 'heir', 50)]
  expect(await dead.hold()).toBe(true)
  expect(await heir.hold()).toBe(false)
  await expect.poll(() => heir.hold(), { timeout: 5000 }).toBe(true)
  await dead.release()
  expect(await own.sql('SELECT owner FROM cron_lease')).toEqual([{ owner: 'heir' }])
})

test('the release before and this one share the slots of a job, each slot once', async () => {
  const heartbeat: Job = {
    ...{ name: 'heartbeat', schedule: '* * * * *', run: async () => {} },
  }
  const minute = (count: number) => new Date(BEGIN + count * 60_000)
  // What it writes: no trigger, no owner, and its status afterwards.
  const before = async (slot: Date) => {
    const claimed = await own.sql(
      `INSERT INTO cron_run (job, slot, image) VALUES ('heartbeat', $1, 'before') ON CONFLICT DO NOTHING RETURNING slot`,
      [slot],
    )
    if (claimed.length > 0)
      await own.sql(
        `UPDATE cron_run SET status = 'finished', finished_at = now() WHERE job = 'heartbeat' AND slot = $1`,
        [slot],
      )
  }
  await before(minute(0))
  clock = minute(0).getTime()
  const after = engine('after', alwaysOurs, [heartbeat])
  await after.beat()
  for (let count = 1; count <= 40; count++) {
    clock = minute(count).getTime()
    after.tick()
    await Promise.all([before(minute(count)), after.settled()])
  }
  expect(await counted('cron_run', 'status')).toEqual([{ key: 'finished', slots: 41, rows: 41 }])
  expect(await database.cronRun.aggregate({ _max: { slot: true } })).toEqual({ _max: { slot: minute(40) } })
})

test('slots that the release before has left are caught up from where it ended', async () => {
  await own.sql(`INSERT INTO cron_run (job, slot, status) VALUES ('heartbeat', $1, 'finished')`, [
    new Date(BEGIN),
  ])
  clock = BEGIN + 5 * 60_000
  const after = engine('after', undefined, [
    { name: 'heartbeat', schedule: '* * * * *', run: async () => {} },
  ])
  await after.beat()
  after.tick()
  await after.settled()
  expect(await counted('cron_run', 'status')).toEqual([{ key: 'finished', slots: 6, rows: 6 }])
})

test('a transactional run that fails leaves no effect, and the slot is on record as failed', async () => {
  const failing: Job = {
    ...{ ...every, name: 'failing' },
    transactional: true,
    async run(slot, { transaction }) {
      await transaction.cronProof.create({ data: { job: 'failing', slot } })
      throw new Error('broken')
    },
  }
  const one = engine('one', alwaysOurs, [failing])
  await one.beat()
  await pass([one], 3)
  expect(await own.sql('SELECT count(*)::int AS rows FROM cron_proof')).toEqual([{ rows: 0 }])
  expect(await own.sql('SELECT DISTINCT status, failure FROM cron_run')).toEqual([
    { status: 'failed', failure: 'broken' },
  ])
})

test('one that takes too long is rolled back, and the slot is on record as timed out', async () => {
  const slow: Job = {
    ...{ ...every, name: 'slow', limitMs: 50 },
    transactional: true,
    async run(slot, { transaction }) {
      await transaction.cronProof.create({ data: { job: 'slow', slot } })
      await new Promise(() => {})
    },
  }
  const one = engine('one', alwaysOurs, [slow])
  await one.beat()
  await pass([one], 1)
  expect(await own.sql('SELECT count(*)::int AS rows FROM cron_proof')).toEqual([{ rows: 0 }])
  expect(await own.sql('SELECT status FROM cron_run')).toEqual([{ status: 'timed-out' }])
})

test('one that is cut off at a stop leaves nothing, and the next process runs the slot', async () => {
  const begun = Promise.withResolvers<void>()
  let stuck = true
  const job: Job = {
    ...{ ...every, name: 'cut' },
    transactional: true,
    async run(slot, { transaction, signal }) {
      await transaction.cronProof.create({ data: { job: 'cut', slot } })
      begun.resolve()
      if (stuck)
        await new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason)))
    },
  }
  const one = engine('one', undefined, [job])
  await one.beat()
  clock += 1000
  one.tick()
  await begun.promise
  await one.stop(100)
  expect(await own.sql('SELECT status FROM cron_run')).toEqual([])
  stuck = false
  const two = engine('two', undefined, [job])
  await two.beat()
  two.tick()
  await two.settled()
  expect(await own.sql('SELECT status, owner FROM cron_run')).toEqual([{ status: 'finished', owner: 'two' }])
  expect(await own.sql('SELECT count(*)::int AS rows FROM cron_proof')).toEqual([{ rows: 1 }])
})
