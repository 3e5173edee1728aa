import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { Database } from '../../../../apps/core/database.ts'
import {
  type AppliedRow,
  compareMigrations,
  describeMigrations,
  MIGRATIONS_DIR,
  migrationState,
  readMigrations,
} from '../../../../apps/core/migrations.ts'

const EMPTY_SHA256 = 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855'

let dir: string
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'migrations-'))
})
afterEach(() => rmSync(dir, { recursive: true }))

const write = (name: string, script: string) => {
  mkdirSync(join(dir, name))
  writeFileSync(join(dir, name, 'migration.sql'), script)
}

const migration = (name: string, checksum = name, contract = false) => ({ name, checksum, contract })
const row = (migration_name: string, changes: Partial<AppliedRow> = {}): AppliedRow => ({
  migration_name,
  checksum: migration_name,
  finished_at: new Date(),
  rolled_back_at: null,
  ...changes,
})

describe('reading a folder of migrations', () => {
  it('lists them in the order of their names, with the checksum that Prisma keeps', () => {
    write('2_b', 'SELECT 2;')
    write('1_a', '')
    expect(readMigrations(dir).map(({ name }) => name)).toEqual(['1_a', '2_b'])
    expect(readMigrations(dir)[0]?.checksum).toBe(EMPTY_SHA256)
  })

  it('ignores files, and folders without a script', () => {
    writeFileSync(join(dir, 'migration_lock.toml'), '')
    mkdirSync(join(dir, '1_empty'))
    expect(readMigrations(dir)).toEqual([])
  })

  it.each([
    ['-- ecomweb: contract\nDROP TABLE x;', true],
    ['\n  --ecomweb:contract', true],
    ['-- Removes a column.\n-- ecomweb: contract', false],
    ['-- ecomweb: contracts', false],
    ['CREATE TABLE x ();', false],
  ])('takes %j for a contract migration: %s', (script, contract) => {
    write('1_a', script)
    expect(readMigrations(dir)[0]?.contract).toBe(contract)
  })

  it('reads the migrations of this project', () => {
    expect(readMigrations(MIGRATIONS_DIR).length).toBeGreaterThan(0)
  })
})

describe('comparing migrations with the database', () => {
  it('finds nothing to say when all are applied', () => {
    const state = compareMigrations([migration('1'), migration('2')], [row('1'), row('2')])
    expect(state).toEqual({ expected: 2, applied: 2, pending: [], edited: [], failed: [] })
    expect(describeMigrations(state)).toBeUndefined()
  })

  it('does not mind rows of a newer release', () => {
    expect(compareMigrations([migration('1')], [row('1'), row('9')]).pending).toEqual([])
  })

  it('does not mind a failure of a newer release', () => {
    expect(compareMigrations([migration('1')], [row('1'), row('9', { finished_at: null })]).failed).toEqual(
      [],
    )
  })

  it('leaves contract migrations out, applied or not', () => {
    const migrations = [migration('1'), migration('2', '2', true)]
    expect(compareMigrations(migrations, [row('1')])).toMatchObject({ expected: 1, applied: 1, pending: [] })
  })

  it('tells pending, edited and failed ones apart', () => {
    const migrations = ['1', '2', '3', '4'].map((name) => migration(name))
    const rows = [row('1'), row('2', { checksum: 'another' }), row('3', { finished_at: null })]
    const state = compareMigrations(migrations, rows)
    expect(state).toEqual({ expected: 4, applied: 1, pending: ['4'], edited: ['2'], failed: ['3'] })
    expect(describeMigrations(state)).toBe(
      '1 of 4 migrations applied (failed: 3; applied with another content: 2; not applied yet: 4)',
    )
  })

  it('counts a migration that was rolled back as not applied', () => {
    const rows = [row('1', { finished_at: null, rolled_back_at: new Date() })]
    expect(compareMigrations([migration('1')], rows)).toMatchObject({ pending: ['1'], failed: [] })
  })

  it('counts one that failed first and was applied later as applied', () => {
    const rows = [row('1', { finished_at: null, rolled_back_at: new Date() }), row('1')]
    expect(compareMigrations([migration('1')], rows).applied).toBe(1)
  })
})

describe('the state of a database', () => {
  const answering = (answer: () => Promise<AppliedRow[]>) => ({ $queryRaw: answer }) as unknown as Database

  it('is "nothing applied" when it has no table of migrations', async () => {
    write('1_a', 'SELECT 1;')
    const missing = { code: 'P2010', meta: { driverAdapterError: { cause: { originalCode: '42P01' } } } }
    const state = await migrationState(
      answering(() => Promise.reject(missing)),
      dir,
    )
    expect(state.pending).toEqual(['1_a'])
  })

  it('is unknown when it cannot be asked', async () => {
    await expect(
      migrationState(
        answering(() => Promise.reject(new Error('away'))),
        dir,
      ),
    ).rejects.toThrow('away')
  })
})
