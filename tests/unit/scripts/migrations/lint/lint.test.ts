import { describe, expect, it } from 'vitest'
import { lintMigrations } from '../../../../../scripts/migrations/lint/lint.ts'

const expand = (sql: string, name = '1_a') => ({ name, sql, contract: false })
const contract = (sql: string) => ({ name: '2_b', sql: `-- ecomweb: contract\n${sql}`, contract: true })
const brief = async (...given: Parameters<typeof lintMigrations>) =>
  (await lintMigrations(...given)).map(({ rule, severity }) => `${severity} ${rule}`)

describe('a finding', () => {
  it('names the migration, the line and the statement on one line', async () => {
    const sql =
      "-- Grüße, dear reader\nSELECT 'é;';\n\n-- No longer used.\nALTER TABLE orders\n  DROP COLUMN email; -- gone\n"
    expect(await lintMigrations([expand(sql)])).toMatchObject([
      { migration: '1_a', line: 5, statement: 'ALTER TABLE orders DROP COLUMN email', rule: 'drop-column' },
    ])
  })

  it('shortens a long statement', async () => {
    const [found] = await lintMigrations([
      expand(`DROP TABLE ${'a_long_name_'.repeat(5)}1, ${'b_long_name_'.repeat(5)}`),
    ])
    expect(found?.statement).toHaveLength(100)
    expect(found?.statement).toMatch(/^DROP TABLE a_long.*…$/)
  })

  it('is made for a syntax error, with its position', async () => {
    const [found] = await lintMigrations([expand("SELECT 'é';\nALTER TABEL x;\n")])
    expect(found).toMatchObject({
      line: 2,
      statement: 'ALTER TABEL x;',
      rule: 'syntax-error',
      severity: 'breaks',
    })
    expect(found?.message).toContain('syntax error at or near "TABEL", at column 7')
  })

  it('is not made for an empty file, nor for comments alone', async () => {
    expect(await lintMigrations([expand(''), expand('-- nothing yet\n')])).toEqual([])
  })
})

describe('tables of the same batch', () => {
  it('are exempt across files, with or without their schema', async () => {
    const made = expand('CREATE TABLE public.carts (id int)')
    expect(
      await lintMigrations([
        made,
        expand('ALTER TABLE carts DROP COLUMN id; CREATE INDEX i ON carts (id)', '2_b'),
      ]),
    ).toEqual([])
  })

  it('are not exempt before they are made', async () => {
    expect(await brief([expand('DROP TABLE carts; CREATE TABLE carts (id int); DROP TABLE carts')])).toEqual([
      'breaks drop-table',
    ])
  })

  it('do not exempt a table of that name in another schema', async () => {
    expect(await brief([expand('CREATE TABLE old.carts (); DROP TABLE carts')])).toEqual([
      'breaks drop-table',
    ])
  })

  it('keep their exemption under a new name, and an old table does not gain it', async () => {
    const swap =
      'CREATE TABLE fresh (a int); ALTER TABLE orders RENAME TO old; ALTER TABLE fresh RENAME TO orders;'
    expect(await brief([expand(`${swap} ALTER TABLE orders DROP COLUMN a; DROP TABLE old`)])).toEqual([
      'breaks rename',
      'breaks drop-table',
    ])
  })
})

describe('a contract file', () => {
  it('may break what only the old colour uses', async () => {
    const sql =
      'ALTER TABLE orders DROP COLUMN a, ALTER b DROP DEFAULT; DROP TABLE carts; ALTER TYPE s RENAME VALUE $$a$$ TO $$b$$'
    expect(await brief([contract(sql)])).toEqual([])
  })

  it('is still told what it locks', async () => {
    const sql = 'ALTER TABLE orders ALTER a SET NOT NULL, ALTER b TYPE text, ADD CHECK (a > 0); DROP INDEX i'
    expect(await brief([contract(sql)])).toEqual([
      'locks set-not-null',
      'locks alter-column-type',
      'locks add-constraint',
      'locks drop-index',
    ])
  })

  it('is still told what harms the new colour as well', async () => {
    expect(await brief([contract('TRUNCATE orders; DROP INDEX CONCURRENTLY i')])).toEqual([
      'breaks delete-all',
      'breaks concurrently-not-alone',
    ])
  })
})

describe('the safe path to SET NOT NULL', () => {
  const [add, validate, set] = [
    'ALTER TABLE orders ADD CONSTRAINT c CHECK (email IS NOT NULL) NOT VALID',
    'ALTER TABLE orders VALIDATE CONSTRAINT c',
    'ALTER TABLE orders ALTER email SET NOT NULL',
  ]

  it('locks nothing, whether the CHECK was validated in this batch or long ago', async () => {
    expect(await brief([contract(set)], { history: [{ sql: add }, { sql: validate }] })).toEqual([])
    expect(await brief([expand(add), expand(validate), contract(set)])).toEqual(['review stricter-writes'])
  })

  it.each([
    ['is not validated', [{ sql: add }]],
    [
      'is about another table',
      [{ sql: add.replace('orders', 'items') }, { sql: validate.replace('orders', 'items') }],
    ],
    ['is about another column', [{ sql: add.replace('email', 'name') }, { sql: validate }]],
  ])('locks when the CHECK %s', async (_, history) => {
    expect(await brief([contract(set)], { history })).toEqual(['locks set-not-null'])
  })
})

it('knows from history that a foreign key refused deletes before', async () => {
  const again =
    'ALTER TABLE a DROP CONSTRAINT f, ADD CONSTRAINT f FOREIGN KEY (b) REFERENCES c (d) ON DELETE RESTRICT NOT VALID'
  const before = (action: string) => [
    { sql: `CREATE TABLE a (b int, CONSTRAINT f FOREIGN KEY (b) REFERENCES c (d) ON DELETE ${action})` },
  ]
  expect(await brief([expand(again)], { history: before('RESTRICT') })).toEqual(['review stricter-writes'])
  expect(await brief([expand(again)], { history: before('CASCADE') })).toEqual([
    'review stricter-writes',
    'review foreign-key-action',
  ])
})

describe('a waiver', () => {
  const drop = 'DROP TABLE orders;'

  it('silences its rule for the next statement alone', async () => {
    const sql = `-- ecomweb: allow drop-table nobody has used it since 2019\n${drop}\n${drop}`
    expect(await lintMigrations([expand(sql)])).toMatchObject([{ line: 3, rule: 'drop-table' }])
  })

  it('may stand among other comments and other waivers', async () => {
    const sql =
      'SELECT 1; -- one\n-- why\n--ecomweb: allow drop-index small table\n\n-- ecomweb: allow drop-table unused\n'
    expect(await brief([expand(`${sql}${drop}`)])).toEqual([])
  })

  it.each([
    ['without a reason', '-- ecomweb: allow drop-table'],
    ['for an unknown rule', '-- ecomweb: allow drop-tables it is unused'],
  ])('%s has no effect and is reported', async (_, line) => {
    expect(await brief([expand(`${line}\n${drop}`)])).toEqual(['review waiver', 'breaks drop-table'])
  })

  it('for another rule has no effect', async () => {
    expect(await brief([expand(`-- ecomweb: allow rename unused\n${drop}`)])).toEqual(['breaks drop-table'])
  })

  it('at the end of the line of another statement has no effect', async () => {
    expect(await brief([expand(`SELECT 1; -- ecomweb: allow drop-table unused\n${drop}`)])).toEqual([
      'breaks drop-table',
    ])
  })
})

it('finds nothing in the migrations of the shop, which begin with an empty database', async () => {
  const { readFileSync, readdirSync } = await import('node:fs')
  const { join } = await import('node:path')
  const folder = join(import.meta.dirname, '../../../../../prisma/migrations')
  const names = readdirSync(folder)
    .filter((name) => /^\d/.test(name))
    .sort()
  const files = names.map((name) => expand(readFileSync(join(folder, name, 'migration.sql'), 'utf8'), name))
  expect(await lintMigrations(files)).toEqual([])
})
