import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { waitUntil } from '../../e2e/harness/wait.ts'
import { type OwnDatabase, ownDatabase } from '../database.ts'

/** Starting a process is what takes the time: CRON_KILLS=100 for the whole proof. */
const KILLS = Number(process.env.CRON_KILLS ?? 10)
const AT_ONCE = 2
/** A slot takes 50 ms. */
const SPEED = 20
const JOBS = ['transactional', 'report', 'retry'] as const

let own: OwnDatabase
const began = Date.now()
const running = new Set<ChildProcess>()

beforeAll(async () => {
  own = await ownDatabase()
})

afterAll(async () => {
  for (const child of running) child.kill('SIGKILL')
  await own.drop()
})

/** Starts a cron process; resolves when it runs its first slot. */
async function start(): Promise<void> {
  const child = spawn(
    process.execPath,
    [join(import.meta.dirname, 'crashing.ts'), String(began), String(SPEED)],
    {
      stdio: ['ignore', 'pipe', 'inherit'],
      env: { ...process.env, DATABASE_URL: own.url },
    },
  )
  child.once('exit', () => running.delete(child))
  await once(child.stdout, 'data')
  running.add(child)
}

type Slot = { job: string; slot: Date; status: string; attempts: number; effects: number }

const slots = () =>
  own.sql<Slot>(`SELECT job, slot, status, attempts, (
      SELECT count(*)::int FROM cron_proof AS proof WHERE proof.job = run.job AND proof.slot = run.slot) AS effects
    FROM cron_run AS run ORDER BY job, slot`)

/** Kills one of the running processes at a time, at random instants. */
async function killAtRandom(): Promise<void> {
  const starting = new Set<Promise<void>>()
  for (let killed = 0; killed < KILLS; ) {
    while (running.size + starting.size < AT_ONCE) {
      const one: Promise<void> = start().finally(() => starting.delete(one))
      starting.add(one)
    }
    await delay(100 + Math.random() * 300)
    const victims = [...running]
    const victim = victims[Math.floor(Math.random() * victims.length)]
    if (!victim) continue
    running.delete(victim)
    victim.kill('SIGKILL')
    killed++
  }
  await Promise.all(starting)
}

test(`${KILLS} processes are killed in the middle: no slot is lost, nothing transactional takes effect twice or half`, {
  timeout: 600_000,
}, async () => {
  await killAtRandom()
  const lastKill = Date.now() / 1000
  await waitUntil('what the killed have left is seen to', async () => {
    const [left] = await own.sql<{ gone: number }>(
      `SELECT count(*)::int AS gone FROM cron_run WHERE started_at <= to_timestamp($1)
         AND (status = 'running' OR job = 'retry' AND status = 'interrupted' AND attempts < 3)`,
      [lastKill],
    )
    return left?.gone === 0
  })
  for (const child of running) child.kill('SIGTERM')
  await waitUntil('the rest has stopped', () => running.size === 0)

  const found = await slots()
  for (const job of JOBS) {
    const mine = found.filter((slot) => slot.job === job)
    const gaps = mine.filter(
      (slot, at) => at > 0 && slot.slot.getTime() - Number(mine[at - 1]?.slot) !== 1000,
    )
    expect(gaps, `${job} has gaps`).toEqual([])
    expect(mine.length).toBeGreaterThan(KILLS / 2)
  }
  const of = (job: string, test: (slot: Slot) => boolean) =>
    found.filter((slot) => slot.job === job && test(slot))
  const doubles = await own.sql(`SELECT job, slot FROM cron_proof LEFT JOIN cron_run USING (job, slot)
      WHERE cron_run.slot IS NULL`)
  expect(doubles, 'effects without a claim').toEqual([])
  expect(of('transactional', ({ status, effects }) => status !== 'finished' || effects !== 1)).toEqual([])

  // What is begun at most once: an effect twice is impossible, one that is missing is marked.
  expect(of('report', ({ effects }) => effects > 1)).toEqual([])
  expect(of('report', ({ status }) => status !== 'finished' && status !== 'interrupted')).toEqual([])
  expect(of('report', ({ status, effects }) => status === 'finished' && effects !== 1)).toEqual([])
  expect(of('report', ({ status }) => status === 'interrupted').length).toBeGreaterThan(0)

  // What is begun again until it ends: never without an effect, unless it was killed three times.
  expect(of('retry', ({ effects, attempts }) => effects > attempts)).toEqual([])
  expect(of('retry', ({ status, effects }) => status === 'finished' && effects === 0)).toEqual([])
  expect(of('retry', ({ status, attempts }) => status !== 'finished' && attempts < 3)).toEqual([])
  expect(of('retry', ({ status, attempts }) => status === 'finished' && attempts > 1).length).toBeGreaterThan(
    0,
  )
  const interrupted = JOBS.map(
    (job) => of(job, ({ status, attempts }) => status === 'interrupted' || attempts > 1).length,
  )
  console.log(
    `${KILLS} kills, ${found.length} slots, interrupted: ${JOBS.map((job, at) => `${job} ${interrupted[at]}`)}`,
  )
})
