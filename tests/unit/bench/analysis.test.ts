import { describe, expect, it } from 'vitest'
import { Random } from '../../../bench/analysis/random.ts'
import { answers, bucketOf, formatRecording, fromSamples } from '../../../bench/analysis/recording.ts'
import { BAD, GOOD } from '../../../bench/analysis/releases.ts'
import { rollOut } from '../../../bench/analysis/rollout.ts'
import { SimulatedEdge } from '../../../bench/analysis/simulated-edge.ts'
import { QUIET, synthetic } from '../../../bench/analysis/synthetic.ts'
import { DEFAULT_RULES } from '../../../scripts/analysis/rules.ts'
import type { Sample } from '../../../scripts/analysis/types.ts'

const recording = synthetic('quiet', QUIET, 120, 200, new Random(5))

describe('random numbers', () => {
  it('are the same for the same seed', () => {
    const [one, two] = [new Random(3), new Random(3)]
    expect(Array.from({ length: 5 }, () => one.next())).toEqual(Array.from({ length: 5 }, () => two.next()))
  })
  it.each([0.2, 4, 90])('of Poisson have mean and variance %d', (mean) => {
    const random = new Random(11)
    const values = Array.from({ length: 20_000 }, () => random.poisson(mean))
    const average = values.reduce((sum, value) => sum + value, 0) / values.length
    const variance = values.reduce((sum, value) => sum + (value - average) ** 2, 0) / values.length
    expect(average / mean).toBeCloseTo(1, 1)
    expect(variance / mean).toBeCloseTo(1, 1)
  })
})

describe('a recording', () => {
  const sample = (at: number, count: number): Sample => {
    const users = { responses: count, serverErrors: Math.floor(count / 10), latency: new Map([[5, count]]) }
    const none = { responses: 0, serverErrors: 0, latency: new Map() }
    const colour = { users, probes: none }
    return { at, colours: { blue: colour, green: colour }, edgeErrors: { blue: 0, green: 0 } }
  }
  it('is made of what each second added, without the one of a reset', () => {
    const { seconds } = fromSamples('test', [
      sample(0, 0),
      sample(1000, 40),
      sample(2000, 30),
      sample(3000, 50),
    ])
    expect(seconds.map(({ blue }) => [answers(blue), blue.errors])).toEqual([
      [40, 4],
      [20, 2],
    ])
  })
  it('is written as JSON, one line a second', () => {
    const text = formatRecording(recording)
    expect(JSON.parse(text)).toEqual(recording)
    expect(text.split('\n').length).toBeGreaterThan(recording.seconds.length)
  })
  it('has the buckets of HAProxy', () => {
    expect([0.4, 99.9, 123, 999, 1234, 45_678].map(bucketOf)).toEqual([0, 99, 120, 990, 1200, 45_000])
  })
})

describe('a simulated rollout', () => {
  const plan = {
    ...{ canary: [25, 50], canaryStep: 15_000, soak: 30_000, interval: 1000, below: 20 },
    rules: DEFAULT_RULES,
  }
  const run = (release: typeof GOOD, users: number) =>
    rollOut(new SimulatedEdge(recording, release, { users, probes: 7 }, new Random(1)), plan)

  it('of a good release passes in its time', async () => {
    const { last, ms } = await run(GOOD, 200)
    expect(last).toMatchObject({ verdict: 'pass', phase: 'soak' })
    expect(ms).toBe(60_000)
  })
  it.each(BAD)('of "$name" fails', async (release) => {
    expect((await run(release, 200)).last.verdict).toBe('fail')
    expect((await run(release, 0.2)).last.verdict).toBe('fail')
  })
})
