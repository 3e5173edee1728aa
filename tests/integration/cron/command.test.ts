import { spawn } from 'node:child_process'
import { text } from 'node:stream/consumers'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type OwnDatabase, ownDatabase } from '../database.ts'
import { redisUrl } from '../redis.ts'

let own: OwnDatabase
beforeAll(async () => {
  own = await ownDatabase()
})
afterAll(() => own.drop())

/** Runs the program as the image does. */
async function cron(args: string[], url = own.url) {
  const child = spawn(process.execPath, ['apps/cron/command.ts', ...args], {
    env: {
      PATH: process.env.PATH,
      DATABASE_URL: url,
      REDIS_URL: redisUrl(8),
      TEMPORAL_ADDRESS: 'unused:1',
      HEALTH_CHECK_URL: 'http://127.0.0.1:1/api/health',
    },
  })
  const [stdout, stderr, code] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    new Promise((resolve) => child.once('close', resolve)),
  ])
  return { code, stderr, answer: stdout && JSON.parse(stdout) }
}

test('a run by hand does the work, is on record as such, and takes no slot of the schedule', async () => {
  const { code, answer } = await cron(['run', 'daily-analytics'])
  expect(answer).toMatchObject({
    job: 'daily-analytics',
    trigger: 'hand',
    status: 'finished',
    attempts: 1,
    failure: null,
  })
  expect(code).toBe(0)
  expect(answer.slot).not.toMatch(/\.000Z$/)
  expect(
    await own.sql(
      "SELECT count(*)::int AS days FROM daily_analytics WHERE day = (now() AT TIME ZONE 'UTC')::date - 1",
    ),
  ).toEqual([{ days: 1 }])
  const sample = await cron(['run', 'health-check'])
  expect(sample).toMatchObject({ code: 0, answer: { status: 'finished' } })
  expect(await own.sql('SELECT status FROM health_samples')).toEqual([{ status: 'unreachable' }])
  expect((await cron(['history', '--limit', '1'])).answer).toEqual([sample.answer])
})

test('what is paused has no next slot until it is resumed, and owes nothing for the pause', async () => {
  expect((await cron(['pause', 'heartbeat'])).answer).toMatchObject({
    job: 'heartbeat',
    next: null,
    paused_at: expect.any(String),
  })
  const { answer } = await cron(['resume', 'heartbeat'])
  expect(answer).toMatchObject({ paused_at: null, next: expect.stringMatching(/:00\.000Z$/) })
  expect(
    await own.sql(
      "SELECT paused_at, resumed_at >= first_seen_at AS since FROM cron_job WHERE name = 'heartbeat'",
    ),
  ).toEqual([{ paused_at: null, since: true }])
  const { answer: jobs } = await cron(['list'])
  expect(jobs.map(({ job }: { job: string }) => job)).toEqual(
    expect.arrayContaining([
      'heartbeat',
      'health-check',
      'daily-analytics',
      'weekly-engagement',
      'monthly-subscriptions',
      'daily-clean-up',
      'cache-expiry',
    ]),
  )
})

test('what cannot be done is said in a line', async () => {
  expect(await cron(['run', 'hartbeat'])).toEqual({
    ...{ code: 2, answer: '' },
    stderr: expect.stringMatching(/^cron: there is no job "hartbeat"; there are heartbeat, .*\n$/),
  })
  expect(await cron(['list'], 'postgresql://u:of-nobody@127.0.0.1:1/x')).toEqual({
    ...{ code: 1, answer: '' },
    stderr: 'cron: connection refused (nothing listens there)\n',
  })
})
