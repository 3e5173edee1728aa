import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { describe, expect, it } from 'vitest'
import { copyMigrations, isUndoneAsWhole, withoutLockTimeout } from '../../../../apps/core/migrate-deploy.ts'
import { takeMigrationLock } from '../../../../apps/core/migrate-lock.ts'
import {
  explainEdited,
  explainFailure,
  explainUndone,
  postgresMessage,
  sqlState,
  wasRefused,
} from '../../../../apps/core/migrate-report.ts'
import { stateOf } from '../../../../apps/core/migrate-state.ts'
import type { AppliedRow } from '../../../../apps/core/migrations.ts'

/** Answers queries by the first key that the text contains, and keeps the texts. */
const session = (answers: Record<string, object[] | (() => object[])>) => {
  const asked: string[] = []
  const query = async (text: string) => {
    asked.push(text)
    const key = Object.keys(answers).find((key) => text.includes(key))
    const answer = key === undefined ? [] : answers[key]
    return { rows: typeof answer === 'function' ? answer() : answer }
  }
  return { asked, query } as unknown as Parameters<typeof explainFailure>[0] & { asked: string[] }
}

describe('the lock under which migrations run', () => {
  const lock = (takenAtAttempt: number, deadlineMs = 60_000) => {
    const said: string[] = []
    let attempt = 0
    const holder = { pg_stat_activity: [{ name: 'ecomweb migrate blue', address: '10.0.0.7' }] }
    const it = session({ pg_try_advisory_lock: () => [{ taken: ++attempt >= takenAtAttempt }], ...holder })
    const options = { say: (line: string) => said.push(line), deadlineMs, sleep: async () => {} }
    return { taken: takeMigrationLock(it, options), said, session: it }
  }

  it('is taken at once when it is free', async () => {
    const { taken, said } = lock(1)
    expect([await taken, said]).toEqual([true, []])
  })

  it('says once who has it, and takes it afterwards', async () => {
    const { taken, said } = lock(4)
    expect(await taken).toBe(true)
    expect(said).toEqual(['another process is migrating (ecomweb migrate blue at 10.0.0.7): waiting for it'])
  })

  it('is never waited for inside PostgreSQL, where CREATE INDEX CONCURRENTLY would wait for the waiter', async () => {
    const { taken, session } = lock(4)
    await taken
    expect(session.asked.filter((text) => /pg_advisory_lock/.test(text))).toEqual([])
  })

  it('is given up on at the deadline', async () => {
    expect(await lock(Number.POSITIVE_INFINITY, 1000).taken).toBe(false)
  })
})

describe('a script that failed', () => {
  it.each([
    'ALTER TABLE a ADD COLUMN b INT; ALTER TABLE nope ADD COLUMN c INT;',
    'CREATE TABLE appendix (id INT);',
  ])('was undone as a whole: %s', (script) => expect(isUndoneAsWhole(script)).toBe(true))

  it.each([
    'CREATE INDEX CONCURRENTLY i ON t (c);',
    'begin; ALTER TABLE a ADD b INT; commit;',
    'DO $$ BEGIN COMMIT; END $$;',
    'start\n transaction;',
    'CALL fill();',
    'VACUUM a;',
  ])('may have left something behind: %s', (script) => expect(isUndoneAsWhole(script)).toBe(false))
})

describe('the report about a migration', () => {
  const report = [
    'Error: P3018',
    'Migration name: 3_c',
    'Database error code: 42P01',
    'Database error:\nERROR: relation "nope" does not exist\n\nPosition: 3',
  ].join('\n\n')

  it('gives PostgreSQL’s message and code', () => {
    expect(postgresMessage(report)).toBe('relation "nope" does not exist (SQLSTATE 42P01)')
    expect(postgresMessage('P1001: cannot be reached')).toBe('')
    expect(postgresMessage(null)).toBe('')
  })

  it('shows whether PostgreSQL refused it, or the connection was lost', () => {
    expect(wasRefused(report)).toBe(true)
    expect(wasRefused(report.replace('42P01', '57P01'))).toBe(false)
    expect(wasRefused('Error: P1017 Server has closed the connection')).toBe(false)
  })

  it('names what failed, an index that is left invalid, and what to type', async () => {
    const database = session({
      to_regclass: [{ found: '_prisma_migrations' }],
      'finished_at IS NULL': [{ name: '3_c', logs: report }],
      pg_index: [{ name: 'orders_idx' }],
    })
    const { message } = await explainFailure(database, '', (name) => `clear ${name}`)
    expect(message).toContain('migration 3_c failed: relation "nope" does not exist (SQLSTATE 42P01)')
    expect(message).toContain('DROP INDEX CONCURRENTLY orders_idx;')
    expect(message).toMatch(/type:\n {2}clear 3_c$/)
  })

  it('says so when a migration was only begun', async () => {
    const database = session({
      to_regclass: [{ found: 'x' }],
      'finished_at IS NULL': [{ name: '3_c', logs: null }],
    })
    expect((await explainFailure(database, '', String)).message).toContain(
      'migration 3_c was begun and never finished',
    )
  })

  it('shows Prisma’s own words when no migration is to blame', async () => {
    const { message } = await explainFailure(
      session({ to_regclass: [{ found: null }] }),
      'Error: P1001\n\n x',
      String,
    )
    expect(message).toBe('prisma migrate deploy failed:\n  Error: P1001\n  x')
  })

  it('asks to restore a migration that was changed after it had been applied', () => {
    const state = { expected: 1, applied: 0, pending: [], edited: ['1_a'], failed: [] }
    expect(explainEdited(state).message).toMatch(
      /1_a\. Restore the file and put the change into a new migration/,
    )
  })
})

describe('the report about a migration that left nothing', () => {
  const report = (code: string) => `Database error code: ${code}\n\nDatabase error:\nERROR: it is so`

  it('asks for a correction and a deploy', () => {
    expect(explainUndone('3_c', report('22012')).message).toMatch(
      /3_c failed: it is so \(SQLSTATE 22012\)\n.*nothing is left to clean up\.\nCorrect its SQL and deploy again\./,
    )
  })

  it('shows how to find who holds the lock, after every attempt has met it', () => {
    const { message } = explainUndone('3_c', report('55P03'), 5)
    expect(message).toMatch(/failed, 5 times:[\s\S]*pg_stat_activity/)
    expect(message).not.toContain('Correct')
    expect(sqlState(report('55P03'))).toBe('55P03')
  })
})

describe('contract migrations', () => {
  const [expand, contract] = ['1_a', '2_b'].map((name, at) => ({ name, checksum: name, contract: at === 1 }))
  const both = [expand, contract] as { name: string; checksum: string; contract: boolean }[]
  const row = (name: string, checksum = name): AppliedRow => ({
    migration_name: name,
    checksum,
    finished_at: new Date(),
    rolled_back_at: null,
  })

  it('are left out until they are asked for, and then alone are to be done', () => {
    expect(stateOf(both, [], false)).toMatchObject({ pending: ['1_a'] })
    expect(stateOf(both, [row('1_a')], true)).toMatchObject({ expected: 1, pending: ['2_b'] })
    expect(stateOf(both, [row('1_a'), row('2_b')], true)).toMatchObject({ applied: 1, pending: [] })
  })

  it('are refused while an expand migration is missing', () => {
    expect(() => stateOf(both, [], true)).toThrow(/come last.*1_a/)
  })

  it('are refused when one of them was changed after it had been applied', () => {
    expect(() => stateOf(both, [row('1_a'), row('2_b', 'x')], true)).toThrow(/2_b/)
    expect(() => stateOf(both, [row('1_a', 'x')], true)).toThrow(/1_a/)
  })
})

describe('a connection without a limit to the wait for locks', () => {
  it.each([
    ['postgresql://a:b@c/d', 'postgresql://a:b@c/d?options=-c%20lock_timeout%3D0'],
    [
      'postgresql://a:b@c/d?schema=shop&options=-c%20work_mem%3D1MB',
      'postgresql://a:b@c/d?schema=shop&options=-c%20work_mem%3D1MB%20-c%20lock_timeout%3D0',
    ],
  ])('to %s keeps what the URL says', (url, wanted) => expect(withoutLockTimeout(url)).toBe(wanted))
})

it('gives Prisma the named migrations and no other', async () => {
  const work = mkdtempSync(join(tmpdir(), 'some-migrations-'))
  const [from, to] = [join(work, 'prisma/migrations'), join(work, 'copy')]
  mkdirSync(to)
  for (const name of ['1_expand', '2_contract']) {
    mkdirSync(join(from, name), { recursive: true })
    writeFileSync(join(from, name, 'migration.sql'), 'SELECT 1;')
  }
  writeFileSync(join(from, 'migration_lock.toml'), 'provider = "postgresql"')
  const { default: config } = await import(pathToFileURL(copyMigrations(['1_expand'], from, to)).href)
  expect(readdirSync(config.migrations.path).sort()).toEqual(['1_expand', 'migration_lock.toml'])
  expect(config.schema).toBe(join(work, 'prisma/schema.prisma'))
  expect(existsSync(join(from, '2_contract'))).toBe(true)
  rmSync(work, { recursive: true })
})
