import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { describe, expect, it } from 'vitest'
import { copyExpandOnly, isUndoneAsWhole } from '../../../apps/core/migrate-deploy.ts'
import { takeMigrationLock } from '../../../apps/core/migrate-lock.ts'
import {
  explainEdited,
  explainFailure,
  postgresMessage,
  wasRefused,
} from '../../../apps/core/migrate-report.ts'
import { readMigrations } from '../../../apps/core/migrations.ts'

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
    const { message } = await explainFailure(database, '', 'docker compose run --rm ecomweb_api_green ')
    expect(message).toContain('migration 3_c failed: relation "nope" does not exist (SQLSTATE 42P01)')
    expect(message).toContain('DROP INDEX CONCURRENTLY orders_idx;')
    expect(message).toContain(
      'docker compose run --rm ecomweb_api_green npx prisma migrate resolve --rolled-back 3_c',
    )
  })

  it('says so when a migration was only begun', async () => {
    const database = session({
      to_regclass: [{ found: 'x' }],
      'finished_at IS NULL': [{ name: '3_c', logs: null }],
    })
    expect((await explainFailure(database, '', '')).message).toContain(
      'migration 3_c was begun and never finished',
    )
  })

  it('shows Prisma’s own words when no migration is to blame', async () => {
    const { message } = await explainFailure(
      session({ to_regclass: [{ found: null }] }),
      'Error: P1001\n\n x',
      '',
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

it('keeps contract migrations from Prisma', async () => {
  const work = mkdtempSync(join(tmpdir(), 'expand-only-'))
  const [from, to] = [join(work, 'prisma/migrations'), join(work, 'copy')]
  mkdirSync(to)
  for (const [name, script] of [
    ['1_expand', 'SELECT 1;'],
    ['2_contract', '-- ecomweb: contract\nSELECT 2;'],
  ] as const) {
    mkdirSync(join(from, name), { recursive: true })
    writeFileSync(join(from, name, 'migration.sql'), script)
  }
  writeFileSync(join(from, 'migration_lock.toml'), 'provider = "postgresql"')
  const { default: config } = await import(pathToFileURL(copyExpandOnly(readMigrations(from), from, to)).href)
  expect(readdirSync(config.migrations.path).sort()).toEqual(['1_expand', 'migration_lock.toml'])
  expect(config.schema).toBe(join(work, 'prisma/schema.prisma'))
  expect(existsSync(join(from, '2_contract'))).toBe(true)
  rmSync(work, { recursive: true })
})
