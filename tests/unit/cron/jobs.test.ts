import { expect, it } from 'vitest'
import { readEnv } from '../../../apps/core/env.ts'
import { parseCronCommand, UsageError } from '../../../apps/cron/command-line.ts'
import { limitOf } from '../../../apps/cron/job.ts'
import { sampleOf } from '../../../apps/cron/jobs/health-check.ts'
import { jobs } from '../../../apps/cron/jobs.ts'
import { scheduleOf } from '../../../apps/cron/schedule.ts'
import { silent } from './engine.fixture.ts'

const env = (changes = {}) =>
  readEnv({
    ...{
      DATABASE_URL: 'postgresql://a:b@db:5432/shop',
      REDIS_URL: 'redis://r:6379',
      TEMPORAL_ADDRESS: 't:7233',
    },
    ...changes,
  })
const all = (changes = {}) =>
  jobs({ env: env(changes), database: {} as never, redis: {} as never, log: silent })

it('every job has a name of its own, a schedule that can be read, and a limit', () => {
  const shipped = all()
  expect(new Set(shipped.map(({ name }) => name)).size).toBe(shipped.length)
  for (const job of shipped) {
    expect(scheduleOf(job.schedule, job.timeZone).next(new Date())).toBeInstanceOf(Date)
    expect(limitOf(job)).toBeLessThanOrEqual(600_000)
  }
})

it('jobs every second are only there to prove the schedule', () => {
  expect(all().filter(({ schedule }) => schedule.split(' ').length > 5)).toEqual([])
  expect(all({ CRON_PROOF_JOB: '1' }).map(({ name }) => name)).toEqual(
    expect.arrayContaining(['proof-transactional', 'proof-plain']),
  )
})

const answering = (status: number, body: unknown) => async () =>
  new Response(JSON.stringify(body), { status })
const never = new AbortController().signal
const sample = (ask: () => Promise<Response>) =>
  sampleOf('http://edge/api/health', never, ask as typeof fetch)

it('a sample of health is what the shop says of itself', async () => {
  const services = { database: 'up', redis: 'down' }
  expect(await sample(answering(200, { status: 'degraded', services, version: '1.2.3' }))).toEqual({
    ...{ status: 'degraded', httpStatus: 200, latencyMs: expect.any(Number) },
    ...{ services, version: '1.2.3' },
  })
})

it('a shop that answers nothing sensible, or nothing, is unreachable', async () => {
  expect(await sample(answering(503, { title: 'no server' }))).toMatchObject({
    ...{ status: 'unreachable', httpStatus: 503, failure: 'the answer was 503 without a state of health' },
  })
  const refused = async () => {
    throw new TypeError('fetch failed', { cause: new Error('connect ECONNREFUSED') })
  }
  expect(await sample(refused)).toMatchObject({
    ...{ status: 'unreachable', failure: 'fetch failed: connect ECONNREFUSED' },
  })
})

it('the command line is read, and what is wrong with it is said', () => {
  const known = ['heartbeat', 'daily-analytics']
  expect(parseCronCommand(['run', 'heartbeat'], known)).toEqual({ verb: 'run', job: 'heartbeat' })
  expect(parseCronCommand(['history', '--limit', '5'], known)).toEqual({
    ...{ verb: 'history', job: undefined, limit: 5 },
  })
  for (const wrong of [
    [],
    ['run'],
    ['list', 'heartbeat'],
    ['pause', 'x'],
    ['history', '--limit', '0'],
    ['a', 'heartbeat'],
  ])
    expect(() => parseCronCommand(wrong, known), wrong.join(' ')).toThrow(UsageError)
  expect(() => parseCronCommand(['run', 'hartbeat'], known)).toThrow('there are heartbeat, daily-analytics')
})
