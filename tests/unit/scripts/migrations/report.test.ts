import { describe, expect, it } from 'vitest'
import type { Finding } from '../../../../scripts/migrations/lint/types.ts'
import {
  breaks,
  formatBlocked,
  formatComparison,
  formatFindings,
  nextCommand,
  summarise,
} from '../../../../scripts/migrations/report.ts'

const finding = (severity: Finding['severity']): Finding => ({
  migration: '2_b',
  line: 3,
  statement: 'DROP TABLE carts',
  rule: 'drop-table',
  severity,
  message: 'queries fail',
  safe: 'later',
})
const nothing = { applied: [], pending: [], contract: [], failed: [], edited: [], foreign: [] }
const file = (name: string) => ({ name, sql: '', checksum: '', contract: false })

it('shows where a finding is, what happens and what to do instead', () => {
  expect(formatFindings([finding('breaks')])).toBe(
    '  2_b:3  breaks  drop-table\n      DROP TABLE carts\n      why:  queries fail\n      safe: later',
  )
})

it('counts findings, the gravest first', () => {
  expect(summarise([finding('review'), finding('breaks'), finding('review')])).toBe('1 breaks, 2 review')
  expect(summarise([])).toBe('nothing found')
  expect([breaks([finding('breaks')]), breaks([finding('locks'), finding('review')])]).toEqual([true, false])
})

it('lists what is not simply applied', () => {
  const found = { ...nothing, applied: ['1_a'], failed: ['2_b'], contract: [file('3_c')] }
  expect(formatComparison('blue, abc', found)).toBe(
    'blue, abc: 1 applied\n  failed            2_b\n  contract pending  3_c',
  )
})

describe('the next command', () => {
  it.each([
    [{ failed: ['2_b'], pending: [file('3_c')] }, /migrate resolve 2_b --rolled-back/],
    [{ edited: ['2_b'], pending: [file('3_c')] }, /restore the edited file/],
    [{ pending: [file('3_c')], contract: [file('4_d')] }, /migrate lint, then .*migrate deploy/],
    [{ contract: [file('4_d')] }, /migrate contract --dry-run/],
    [{ applied: ['1_a'], foreign: ['9_z'] }, undefined],
  ])('after %j is %s', (changes, wanted) => {
    const next = nextCommand({ ...nothing, ...changes })
    if (wanted) expect(next).toMatch(wanted)
    else expect(next).toBeUndefined()
  })
})

it('names what stands in the way of an image', () => {
  const blocked = [
    { label: 'green, the idle colour', image: `sha256:${'ab'.repeat(32)}`, missing: ['2_b', '3_c'] },
  ]
  expect(formatBlocked(blocked)).toBe('green, the idle colour (abababababab) does not carry 2_b, 3_c')
})
