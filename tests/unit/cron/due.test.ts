import { describe, expect, it } from 'vitest'
import { dueSlots } from '../../../apps/cron/due.ts'
import type { CatchUp } from '../../../apps/cron/job.ts'
import { scheduleOf } from '../../../apps/cron/schedule.ts'

const minutes = scheduleOf('* * * * *')
const at = (time: string) => new Date(`2026-03-01T${time}Z`)
const due = (catchUp: CatchUp, since: string, now: string) =>
  dueSlots(minutes, catchUp, at(since), at(now)).map((slot) => slot.toISOString().slice(11, 16))
const withinMs = 3_600_000

describe('of the slots that were missed', () => {
  it('"all" keeps each, oldest first', () => {
    expect(due({ policy: 'all', withinMs }, '10:00:00', '10:03:20')).toEqual(['10:01', '10:02', '10:03'])
  })

  it('"all" goes no further back than its window, whose first moment counts', () => {
    expect(due({ policy: 'all', withinMs: 120_000 }, '01:00:00', '10:03:00')).toEqual([
      '10:01',
      '10:02',
      '10:03',
    ])
  })

  it('"last" keeps the newest, however late, within its window', () => {
    expect(due({ policy: 'last', withinMs }, '10:00:00', '10:03:20')).toEqual(['10:03'])
    expect(
      dueSlots(scheduleOf('0 9 * * *'), { policy: 'last', withinMs }, at('08:00:00'), at('10:30:00')),
    ).toEqual([])
  })

  it('"skip" keeps none: only what is due now', () => {
    expect(due({ policy: 'skip' }, '10:00:00', '10:03:20')).toEqual(['10:03'])
    expect(due({ policy: 'skip' }, '10:00:00', '10:03:31')).toEqual([])
  })
})

it('nothing is due twice, nor before its time', () => {
  for (const catchUp of [
    { policy: 'skip' },
    { policy: 'last', withinMs },
    { policy: 'all', withinMs },
  ] as const)
    expect(due(catchUp, '10:03:00', '10:03:59')).toEqual([])
})
