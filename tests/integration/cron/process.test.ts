import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { waitUntil } from '../../e2e/harness/wait.ts'
import { type OwnDatabase, ownDatabase } from '../database.ts'
import { redisUrl } from '../redis.ts'

let own: OwnDatabase
beforeAll(async () => {
  own = await ownDatabase()
})
afterAll(() => own.drop())

/** The cron process as the image starts it, with a job every second. */
function start() {
  return spawn(process.execPath, ['apps/cron/main.ts'], {
    stdio: 'ignore',
    env: {
      PATH: process.env.PATH,
      DATABASE_URL: own.url,
      REDIS_URL: redisUrl(8),
      TEMPORAL_ADDRESS: 'unused:1',
      CRON_PROOF_JOB: '1',
      LOG_LEVEL: 'silent',
    },
  })
}

const finished = async (): Promise<number> => {
  const [row] = await own.sql<{ slots: number }>(
    `SELECT count(*)::int AS slots FROM cron_run WHERE job = 'proof-transactional' AND status = 'finished'`,
  )
  return row?.slots ?? 0
}

test('the process runs a job every second, ends well, and another makes up for what it missed', async () => {
  for (let times = 1; times <= 2; times++) {
    const before = await finished()
    const child = start()
    await waitUntil('slots have run', async () => (await finished()) >= before + 3)
    child.kill('SIGTERM')
    expect(await once(child, 'exit')).toEqual([0, null])
  }
  const gaps = await own.sql(
    `SELECT job, slot FROM (SELECT *, slot - lag(slot) OVER (PARTITION BY job ORDER BY slot) AS distance FROM cron_run
       WHERE job LIKE 'proof-%') AS runs WHERE distance <> interval '1 second' OR status <> 'finished'`,
  )
  expect(gaps).toEqual([])
  const doubles = await own.sql('SELECT job, slot FROM cron_proof GROUP BY 1, 2 HAVING count(*) > 1')
  expect(doubles).toEqual([])
  expect(await own.sql('SELECT owner FROM cron_lease')).toEqual([])
})
