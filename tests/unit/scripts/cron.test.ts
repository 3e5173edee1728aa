import { describe, expect, it } from 'vitest'
import { cronCommand } from '../../../scripts/commands/cron.ts'
import { imageCommand, NOT_DECLARED } from '../../../scripts/docker/image-command.ts'
import type { Result } from '../../../scripts/run.ts'
import { stackOf } from './stack.fixture.ts'

/** Runs the command on a stack whose cron answers so. */
async function cron(operands: string[], answer: Partial<Result>, { running = true, limit = '' } = {}) {
  const { context, acted, printed, emitted } = stackOf('ecomweb_cron', answer, { running })
  await cronCommand.run(context, limit ? { limit } : {}, operands)
  const code = process.exitCode
  process.exitCode = undefined
  return { acted, printed: printed.join('\n').split('\n'), emitted, code }
}

const last = {
  ...{ job: 'heartbeat', slot: '2026-03-01T10:01:00.000Z', trigger: 'schedule', status: 'finished' },
  ...{ attempts: 1, started_at: '2026-03-01T10:01:00.004Z', ms: 3, failure: null },
}
const job = {
  ...{ job: 'heartbeat', schedule: '* * * * *', time_zone: 'UTC', catch_up: 'all within 1 h' },
  ...{ paused_at: null, next: '2026-03-01T10:02:00.000Z', last },
}

describe('./ecomweb cron', () => {
  it('lists jobs as a table and as JSON', async () => {
    const paused = { ...job, job: 'other', paused_at: '2026-03-01T09:00:00.000Z', next: null, last: null }
    const { acted, printed, emitted } = await cron(['list'], { stdout: JSON.stringify([job, paused]) })
    expect(acted).toEqual([imageCommand('ecomweb_cron', 'CRON_COMMAND', ['list'])])
    expect(printed).toEqual([
      'JOB        SCHEDULE   ZONE  CATCH-UP        NEXT                  LAST',
      'heartbeat  * * * * *  UTC   all within 1 h  2026-03-01 10:02:00Z  finished 2026-03-01 10:01:00Z',
      'other      * * * * *  UTC   all within 1 h  paused                never ran',
    ])
    expect(emitted).toEqual([[job, paused]])
  })

  it('shows what ran, with the limit that was asked for', async () => {
    const again = { ...last, trigger: 'hand', status: 'failed', attempts: 2, failure: 'broken' }
    const { acted, printed } = await cron(
      ['history', 'heartbeat'],
      { stdout: JSON.stringify([last, again]) },
      { limit: '2' },
    )
    expect(acted[0]?.args.slice(-4)).toEqual(['history', 'heartbeat', '--limit', '2'])
    expect(printed.slice(1)).toEqual([
      '2026-03-01 10:01:00Z  heartbeat  finished            3 ms',
      '2026-03-01 10:01:00Z  heartbeat  failed (attempt 2)  3 ms  by hand  broken',
    ])
  })

  it('runs a job, and fails if it does', async () => {
    const failed = { ...last, trigger: 'hand', status: 'failed', failure: 'broken' }
    expect(await cron(['run', 'heartbeat'], { stdout: JSON.stringify(last) })).toMatchObject({
      code: undefined,
    })
    expect(await cron(['run', 'heartbeat'], { code: 1, stdout: JSON.stringify(failed) })).toMatchObject({
      ...{ code: 1, emitted: [failed] },
    })
  })

  it('pauses and resumes', async () => {
    const paused = { ...job, paused_at: '2026-03-01T09:00:00.000Z', next: null }
    expect((await cron(['pause', 'heartbeat'], { stdout: JSON.stringify(paused) })).printed).toEqual([
      'heartbeat is paused',
    ])
    expect((await cron(['resume', 'heartbeat'], { stdout: JSON.stringify(job) })).printed).toEqual([
      'heartbeat is not paused; its next slot is 2026-03-01 10:02:00Z',
    ])
  })

  it('says what the application refuses', async () => {
    const refused = cron(['run', 'hartbeat'], {
      code: 2,
      stderr: 'cron: there is no job "hartbeat"; there are …\n',
    })
    await expect(refused).rejects.toMatchObject({
      ...{ code: 2, why: 'there is no job "hartbeat"; there are …', next: './ecomweb cron list' },
    })
  })

  it('says that the release knows no such command, and that cron does not run', async () => {
    await expect(cron(['list'], { code: NOT_DECLARED })).rejects.toMatchObject({
      why: 'its image declares no CRON_COMMAND',
    })
    await expect(cron(['list'], {}, { running: false })).rejects.toThrow('the container of cron does not run')
  })

  it.each([['remove', 'x'], ['run'], ['list', 'x']])(
    'refuses %j %j before it asks anybody',
    async (...operands) => {
      await expect(cron(operands, {})).rejects.toMatchObject({ code: 2, next: './ecomweb cron --help' })
    },
  )
})
