import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { parseCounters, readSample } from '../../../scripts/analysis/counters.ts'
import type { Counters, Sample } from '../../../scripts/analysis/types.ts'
import { between } from '../../../scripts/analysis/window.ts'

/**
 * What HAProxy answered after the same requests, on both versions. Blue: 30 answers, then 2 requests without a server.
 * Green to users: 20 answers; one each after 5, 20, 100, 250 and 1,234 ms; 3 of 500; a body that broke; and closed,
 * reset and unreadable instead of an answer. Green to probes: 4 answers and a 503; then a person's preview with a 503.
 */
const answer = (version: string) =>
  readFileSync(join(import.meta.dirname, `fixtures/haproxy-${version}.txt`), 'utf8')

const size = ({ latency }: Counters) => [...latency.values()].reduce((sum, answers) => sum + answers, 0)

describe.each(['3.2', '3.0'])('the counters of HAProxy %s', (version) => {
  const { colours, edgeErrors } = parseCounters(answer(version))

  it('are those of the application, by colour and audience', () => {
    expect(colours.blue.users).toMatchObject({ responses: 30, serverErrors: 0 })
    expect(colours.blue.probes).toEqual({ responses: 0, serverErrors: 0, latency: new Map() })
    expect(colours.green.users).toMatchObject({ responses: 29, serverErrors: 3 })
    expect(colours.green.probes).toMatchObject({ responses: 5, serverErrors: 1 })
  })
  it('have each answer in one bucket, in ascending order', () => {
    for (const { users, probes } of Object.values(colours)) {
      for (const counters of [users, probes]) expect(size(counters)).toBe(counters.responses)
      expect([...users.latency.keys()]).toEqual([...users.latency.keys()].sort((a, b) => a - b))
    }
    expect(colours.green.users.latency.get(1200)).toBe(1)
  })
  it('count each request that HAProxy got no whole answer for once, whatever became of it', () =>
    expect(edgeErrors).toEqual({ blue: 2, green: 4 }))
})

describe('a sample', () => {
  it('is asked for in one line and carries the time', async () => {
    const asked: string[] = []
    const edge = {
      async ask(line: string) {
        asked.push(line)
        return answer('3.2')
      },
    }
    const sample = await readSample({ edge, clock: { now: () => 42 } })
    expect(asked).toEqual(['show stat; show table answers'])
    expect(sample).toEqual({ at: 42, ...parseCounters(answer('3.2')) })
  })
  it.each([
    ['the table', (text: string) => text.slice(0, text.indexOf('# table'))],
    ['a colour', (text: string) => text.replaceAll(/^green,.*\n/gm, '')],
  ])('without %s is refused', (_what, cut) =>
    expect(() => parseCounters(cut(answer('3.2')))).toThrow('does not count'),
  )
})

describe('between two looks', () => {
  const counters = (latency: Record<number, number>, serverErrors = 0): Counters => ({
    responses: Object.values(latency).reduce((sum, answers) => sum + answers, 0),
    serverErrors,
    latency: new Map(Object.entries(latency).map(([ms, answers]) => [Number(ms), answers])),
  })
  const sample = (at: number, blue: Counters, errors = 0): Sample => {
    const idle = { users: counters({}), probes: counters({}) }
    return {
      at,
      colours: { blue: { ...idle, users: blue }, green: idle },
      edgeErrors: { blue: errors, green: 0 },
    }
  }

  it('is what was counted in the meantime', () => {
    const window = between(
      sample(1000, counters({ 2: 5 }, 1), 1),
      sample(2500, counters({ 2: 8, 30: 1 }, 2), 4),
    )
    expect(window).toMatchObject({ ms: 1500, edgeErrors: { blue: 3, green: 0 } })
    expect(window).toHaveProperty('colours.blue.users', counters({ 2: 3, 30: 1 }, 1))
  })
  it('has no bucket in which nothing happened', () => {
    const window = between(sample(0, counters({ 2: 5 })), sample(1, counters({ 2: 5, 3: 1 })))
    expect(window).toHaveProperty('colours.blue.users.latency', new Map([[3, 1]]))
  })
  it.each([
    ['fewer answers', counters({ 2: 5 }), counters({ 2: 1 })],
    ['a bucket that is gone, though there are more answers', counters({ 2: 5 }), counters({ 3: 9 })],
    ['fewer errors', counters({ 2: 5 }, 2), counters({ 2: 9 }, 1)],
  ])('is a reset with %s', (_what, before, after) =>
    expect(between(sample(0, before), sample(1, after))).toBe('reset'),
  )
  it('is no reset when an error of the application was under way at the first look', () =>
    expect(between(sample(0, counters({ 2: 5 }), 3), sample(1, counters({ 2: 6 }), 2))).toMatchObject({
      edgeErrors: { blue: 0 },
    }))
  it('adds up: two windows in a row are the window of both', () => {
    const buckets = fc.dictionary(fc.integer({ min: 0, max: 99 }).map(String), fc.nat(50))
    fc.assert(
      fc.property(buckets, buckets, buckets, (first, second, third) => {
        const plus = (a: Record<string, number>, b: Record<string, number>) =>
          Object.fromEntries(
            [...Object.keys(a), ...Object.keys(b)].map((ms) => [ms, (a[ms] ?? 0) + (b[ms] ?? 0)]),
          )
        const [a, b, c] = [first, plus(first, second), plus(plus(first, second), third)].map((latency, at) =>
          sample(at, counters(latency)),
        ) as [Sample, Sample, Sample]
        const answers = (window: ReturnType<typeof between>) =>
          window === 'reset' ? Number.NaN : window.colours.blue.users.responses
        expect(answers(between(a, b)) + answers(between(b, c))).toBe(answers(between(a, c)))
      }),
    )
  })
})
