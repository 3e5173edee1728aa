import { describe, expect, it } from 'vitest'
import { AttemptFailed, Recorder } from '../../load/recorder.ts'
import { assertEnough, formatReport, losses, type Report, summarise } from '../../load/report.ts'

const ORDERS = { acknowledged: 3, lost: [], doubled: [], unfinished: [], unacknowledged: [] }
const EVENTS = { subscribers: 1, received: 6, missing: [], repeated: [] }

/** A run in which a request begins every 10 ms, answered by blue for the first second and then by green. */
async function report(
  change: Partial<Report> = {},
  note: (recorder: Recorder) => void = () => {},
): Promise<Report> {
  let now = 0
  const recorder = new Recorder(() => now)
  for (let count = 0; count < 200; count += 1) {
    now = count * 10
    await recorder.attempt('keep-alive', async ({ answered }) => answered(now < 1000 ? 'blue' : 'green'))
  }
  note(recorder)
  return {
    ...summarise(recorder, { url: 'http://shop', seconds: 2, orders: ORDERS, events: EVENTS }),
    ...change,
  }
}

const MINIMUM = { requests: 200, perClass: 200, switches: 1, aroundSwitch: 20 }

describe('a report', () => {
  it('finds the switch and what began around it', async () => {
    const { switches } = await report()
    expect(switches).toEqual([{ at: 1000, to: 'green', begun: 21 }])
  })

  it('is enough when it reaches every minimum', async () => {
    assertEnough(await report(), MINIMUM)
  })

  it.each([
    ['requests', { requests: 201 }, 'requests: 200 instead of at least 201'],
    ['attempts of a class', { perClass: 201 }, 'keep-alive: 200 instead of at least 201'],
    ['switches', { switches: 2 }, 'switches with 20 requests around them: 1 instead of at least 2'],
    [
      'requests around them',
      { aroundSwitch: 22 },
      'switches with 22 requests around them: 0 instead of at least 1',
    ],
  ])('is refused for too few %s', async (_, more, message) => {
    const run = await report()
    expect(() => assertEnough(run, { ...MINIMUM, ...more })).toThrow(message)
  })

  it('prints a table and says that nothing was lost', async () => {
    const text = formatReport(await report())
    expect(text).toMatch(/^keep-alive +200 +0 .*blue 100, green 100$/m)
    expect(text).toContain('switches: 1, at least 21 requests begun within 100 ms of each')
    expect(text).toContain('nothing was lost')
  })

  it('counts requests that the old colour answered after the switch had returned', async () => {
    const run = await report({}, (recorder) => recorder.moves.push({ to: 'green', start: 900, end: 950 }))
    expect(run.switches).toEqual([{ at: 1000, to: 'green', begun: 21 }])
    expect(losses(run)).toEqual(['4 requests begun after a switch were answered by the old colour'])
  })

  it('counts failures by the colour that answered, that broke off, or nobody', async () => {
    const recorder = new Recorder()
    await recorder.attempt('order', async ({ answered }) => {
      answered('green')
      throw new AttemptFailed('answer', 'status 500')
    })
    for (const colour of ['green', undefined]) {
      const broken = new AttemptFailed('body', 'closed', colour)
      await recorder.attempt('keep-alive', () => Promise.reject(broken))
    }
    const run = summarise(recorder, { url: 'http://shop', seconds: 1, orders: ORDERS, events: EVENTS })
    expect(run.failedBy).toEqual({ green: 2, nobody: 1 })
    expect(run.classes.map(({ failedBy }) => failedBy)).toEqual([{ green: 1, nobody: 1 }, { green: 1 }])
    expect(formatReport(run)).toMatch(/^order .*green 1 \(failed: green 1\)$/m)
  })

  it('lists what was lost, failures of one kind together', async () => {
    const failure = { class: 'order', begun: 1, at: 2, phase: 'response', reason: 'ECONNRESET' } as const
    const run = await report({
      failures: [failure, { ...failure, begun: 5 }],
      orders: { ...ORDERS, lost: ['7'] },
      events: { ...EVENTS, missing: ['websocket 1 missed event 4'] },
    })
    expect(losses(run)).toEqual([
      '2 x failed order response: ECONNRESET',
      'order 7 was acknowledged and is lost',
      'websocket 1 missed event 4',
    ])
    expect(formatReport(run)).toContain('LOST:\n  2 x failed order')
  })
})
