import { createTask } from 'node-cron'
import { describe, expect, it } from 'vitest'
import { jobs } from '../../../apps/cron/jobs.ts'
import { dueSlots, slotOf } from '../../../apps/cron/slots.ts'

const at = (time: string) => new Date(`2026-03-01T${time}Z`)
const times = (slots: Date[]) => slots.map((slot) => slot.toISOString().slice(11, 16))
const everyMinute = () => true

describe('the slots that are due', () => {
  it('belong to whole minutes', () => {
    expect(slotOf(at('10:07:59.999'))).toEqual(at('10:07:00'))
  })

  it('begin after the last one and include the present minute', () => {
    expect(times(dueSlots(everyMinute, at('10:00:00'), at('10:03:20')))).toEqual(['10:01', '10:02', '10:03'])
  })

  it('are none within the minute of the last one', () => {
    expect(dueSlots(everyMinute, at('10:03:00'), at('10:03:59'))).toEqual([])
  })

  it('are none when the last one lies ahead, after the clock was set back', () => {
    expect(dueSlots(everyMinute, at('11:00:00'), at('10:03:00'))).toEqual([])
  })

  it('reach back no further than the window', () => {
    const slots = times(dueSlots(everyMinute, at('01:00:00'), at('10:00:30')))
    expect(slots).toHaveLength(61)
    expect(slots[0]).toBe('09:00')
  })

  it('follow the schedule', () => {
    const task = createTask('*/15 * * * *', () => {}, { timezone: 'UTC' })
    const slots = dueSlots((slot) => task.match(slot), at('10:01:00'), at('10:45:00'))
    expect(times(slots)).toEqual(['10:15', '10:30', '10:45'])
  })
})

it('every job has a schedule to the minute', () => {
  for (const job of jobs()) expect(job.schedule.split(' ')).toHaveLength(5)
})
