import { describe, expect, it } from 'vitest'
import { KitError } from '../../../scripts/errors.ts'
import { CHECKS } from '../../../scripts/preflight/checks.ts'
import { fact } from '../../../scripts/preflight/facts.ts'
import { formatFinding, formatOutcomes } from '../../../scripts/preflight/report.ts'
import { findings, outcomes } from './facts.fixture.ts'

const silent = {
  what: 'the container engine does not answer',
  why: 'nothing can be started',
  next: './ecomweb up',
}

describe('the checks', () => {
  it('find nothing on a good stack, and each says what it saw', () => {
    expect(findings()).toEqual([])
    for (const { seen, skipped } of outcomes()) expect([seen !== '', skipped]).toEqual([true, false])
  })
  it('have names of their own', () => {
    expect(new Set(CHECKS.map(({ id }) => id)).size).toBe(CHECKS.length)
  })
})

describe('a fact that could not be had', () => {
  it('is a finding of the first check that needs it, and the others are not looked at', () => {
    const seen = outcomes({}, { engine: silent, services: silent, candidate: silent })
    expect(seen.flatMap((outcome) => outcome.findings)).toEqual([
      { check: 'engine', level: 'stop', ...silent },
    ])
    const skipped = seen.filter((outcome) => outcome.skipped).map(({ check }) => check)
    expect(skipped).toEqual(['compose', 'image', 'contract', 'time-limits', 'disk', 'memory', 'connections'])
  })
  it('only warns where a deploy would go well without it', () => {
    const lack = { what: 'no disk', why: 'x', next: 'y' }
    expect(findings({}, { engineDisk: lack })).toMatchObject([
      { check: 'disk', level: 'warn', what: 'no disk' },
    ])
  })
  it('keeps why and next of the error', async () => {
    const error = new KitError('it broke', { why: 'because', next: 'mend it' })
    expect(await fact(() => Promise.reject(error))).toEqual({
      missing: { what: 'it broke', why: 'because', next: 'mend it' },
    })
    expect(await fact(() => 7)).toEqual({ value: 7 })
  })
})

describe('what is printed', () => {
  it('is one line a check, with why and next below a finding', () => {
    const text = formatOutcomes(outcomes({ modes: [{ file: '.env', mode: 0o644 }] }))
    expect(text).toMatch(/^ {2}✓ Docker Engine and Compose +Engine 28.5.2, Compose 2.40.3$/m)
    expect(text).toMatch(/^ {2}✗ Modes of .* \.env has mode 0644\n {6}why: .+\n {6}next: chmod 600 \.env$/m)
  })
  it('marks warnings apart', () => {
    const [finding] = findings({ memory: { available: 0, held: 0 } })
    expect(finding && formatFinding(finding)).toMatch(/^ {2}! two colours.*\n {6}why: .*\n {6}next: /)
  })
})
