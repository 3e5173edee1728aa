import { describe, expect, it } from 'vitest'
import { contractBlockers, rollbackBlockers } from '../../../../scripts/migrations/contract.ts'
import { comparePending } from '../../../../scripts/migrations/pending.ts'
import type { AppliedMigration } from '../../../../scripts/ports.ts'

const file = (name: string, contract = false) => ({ name, sql: '', checksum: `sum of ${name}`, contract })
const row = (name: string, changes: Partial<AppliedMigration> = {}): AppliedMigration => ({
  name,
  checksum: `sum of ${name}`,
  finished: true,
  rolledBack: false,
  ...changes,
})
const names = (list: { name: string }[]) => list.map(({ name }) => name)

describe('comparing a release with the database', () => {
  it('finds everything pending in an empty database, contract files apart', () => {
    const found = comparePending([file('1'), file('2', true), file('3')], [])
    expect([names(found.pending), names(found.contract)]).toEqual([['1', '3'], ['2']])
  })

  it('tells applied, edited, failed and foreign ones apart', () => {
    const rows = [row('1'), row('2', { checksum: 'another' }), row('3', { finished: false }), row('9')]
    expect(
      comparePending(
        ['1', '2', '3', '4'].map((name) => file(name)),
        rows,
      ),
    ).toEqual({
      applied: ['1'],
      edited: ['2'],
      failed: ['3'],
      pending: [file('4')],
      contract: [],
      foreign: ['9'],
    })
  })

  it('counts what was rolled back as pending, and what succeeded at a second try as applied', () => {
    const rolledBack = { finished: false, rolledBack: true }
    const found = comparePending(
      [file('1'), file('2')],
      [row('1', rolledBack), row('2', rolledBack), row('2')],
    )
    expect([names(found.pending), found.applied]).toEqual([['1'], ['2']])
  })

  it('reports a failure of another release too, since Prisma applies nothing until it is resolved', () => {
    expect(comparePending([file('1')], [row('1'), row('9', { finished: false })]).failed).toEqual(['9'])
  })

  it('finds an edited contract file and an applied one', () => {
    const found = comparePending([file('1', true), file('2', true)], [row('1'), row('2', { checksum: 'x' })])
    expect(found).toMatchObject({ applied: ['1'], edited: ['2'], contract: [] })
  })
})

describe('contract migrations', () => {
  it('shut out every image that does not carry them', () => {
    const carriers = [
      { label: 'green (idle)', image: 'old', migrations: ['1'] },
      { label: 'release 2', image: 'new', migrations: ['1', '2', '3'] },
    ]
    expect(contractBlockers([file('2', true), file('3', true)], carriers)).toEqual([
      { label: 'green (idle)', image: 'old', missing: ['2', '3'] },
    ])
    expect(contractBlockers([], carriers)).toEqual([])
  })

  it('forbid the way back to an image without them, once applied', () => {
    const known = [file('1'), file('2', true), file('3', true)]
    expect(rollbackBlockers([row('1'), row('2')], known, [file('1')])).toEqual(['2'])
    expect(rollbackBlockers([row('1'), row('2')], known, [file('1'), file('2', true)])).toEqual([])
  })

  it('never forbid it while only expand migrations are ahead', () => {
    expect(rollbackBlockers([row('1'), row('4')], [file('1'), file('4')], [file('1')])).toEqual([])
    const undone = row('2', { finished: false, rolledBack: true })
    expect(rollbackBlockers([undone], [file('2', true)], [])).toEqual([])
  })
})
