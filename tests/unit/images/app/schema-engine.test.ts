import { describe, expect, it } from 'vitest'
import { parseArguments } from '../../../../images/app/schema-engine/arguments.ts'
import { parseTarget, quote, withDatabase } from '../../../../images/app/schema-engine/connection.ts'
import { connectionErrorCode, messageOf, toEngineError } from '../../../../images/app/schema-engine/errors.ts'
import { answer, type Methods, type Served } from '../../../../images/app/schema-engine/rpc.ts'

const datasource = '{"url":"postgresql://a:b@db/shop"}'

describe('the arguments of a schema engine', () => {
  it('ask for the version', () => {
    expect(parseArguments(['--version'])).toEqual({ kind: 'version' })
  })

  it('ask to serve, with any number of data models and options that are of no concern', () => {
    const argv = [
      '--datamodels',
      'a',
      '-d',
      'b',
      '--datasource',
      datasource,
      '--enabled-preview-features',
      'x',
    ]
    expect(parseArguments(argv)).toEqual({
      kind: 'serve',
      url: 'postgresql://a:b@db/shop',
      datamodels: ['a', 'b'],
    })
  })

  it('ask for something to be done with the database itself', () => {
    expect(parseArguments(['--datasource', datasource, 'cli', 'create-database'])).toEqual({
      kind: 'database',
      action: 'create-database',
      url: 'postgresql://a:b@db/shop',
    })
  })
})

describe('the URL of a database', () => {
  it('is used as it is', () => {
    const target = parseTarget('postgresql://a:b@db:5433/shop?sslmode=disable')
    expect(target).toMatchObject({ database: 'shop', schema: 'public' })
    expect(target.connectionString).toBe('postgresql://a:b@db:5433/shop?sslmode=disable')
  })

  it('turns Prisma’s schema into a search path, beside other options', () => {
    const target = parseTarget('postgresql://a:b@db/shop?schema=sales&options=-c%20lock_timeout%3D3s')
    expect(target.schema).toBe('sales')
    const { searchParams } = new URL(target.connectionString)
    expect(Object.fromEntries(searchParams)).toEqual({ options: '-c lock_timeout=3s -c search_path="sales"' })
  })

  it('leads to another database of the same server', () => {
    expect(withDatabase(parseTarget('postgresql://a:b@db/shop'), 'sha dow').connectionString).toBe(
      'postgresql://a:b@db/sha%20dow',
    )
  })

  it('must be given', () => {
    expect(() => parseTarget('')).toThrow(/MIGRATE_DATABASE_URL/)
  })

  it('has names that can be quoted', () => {
    expect(quote('a"b')).toBe('"a""b"')
  })
})

describe('errors', () => {
  it.each([
    ['28P01', 'P1000'],
    ['3D000', 'P1003'],
    ['ECONNREFUSED', 'P1001'],
    [undefined, 'P1001'],
  ])('%s is Prisma’s %s', (code, prisma) => expect(connectionErrorCode(code)).toBe(prisma))

  it('are found inside those of sockets that tried several addresses', () => {
    expect(messageOf(new AggregateError([new Error('::1 refused'), new Error('127.0.0.1 refused')]))).toBe(
      '::1 refused; 127.0.0.1 refused',
    )
  })

  it('of PostgreSQL in a migration become Prisma’s report with its message', () => {
    const thrown = new Error('External error id#7\n 0: apply_script with migration_name="3_c"')
    const original = Object.assign(new Error('relation "x" does not exist'), {
      code: '42P01',
      severity: 'ERROR',
    })
    const error = toEngineError(thrown, (id) => (id === 7 ? original : undefined))
    expect(error).toMatchObject({ error_code: 'P3018', is_panic: false, meta: { migration_name: '3_c' } })
    expect(error.message).toContain('Database error code: 42P01')
    expect(error.message).toContain('ERROR: relation "x" does not exist')
  })

  it('of the connection are not taken for a refusal of the migration', () => {
    const thrown = new Error('External error id#7 with migration_name="3_c"')
    const error = toEngineError(thrown, () => Object.assign(new Error('reset'), { code: 'ECONNRESET' }))
    expect(error).toMatchObject({ error_code: null, message: 'reset' })
  })

  it('of the engine itself keep their code', () => {
    expect(
      toEngineError(Object.assign(new Error('failed before'), { code: 'P3009' }), () => undefined),
    ).toMatchObject({
      error_code: 'P3009',
      message: 'failed before',
    })
  })
})

describe('a call', () => {
  const serving = (methods: Methods, crashed = new Promise<never>(() => {})) => {
    const recorded: string[][] = []
    const served: Served = {
      methods,
      consumeError: () => Object.assign(new Error('no'), { code: '42601' }),
      recordFailure: async (...all) => void recorded.push(all),
      crashed,
    }
    return { recorded, call: (message: object) => answer(JSON.stringify(message), async () => served) }
  }

  it('is answered with the result under its id', async () => {
    const { call } = serving({ applyMigrations: async (params) => ({ got: params }) })
    expect(await call({ id: 3, method: 'applyMigrations', params: { a: 1 } })).toEqual([
      { jsonrpc: '2.0', id: 3, result: { got: { a: 1 } } },
    ])
  })

  it('reaches a method that the WebAssembly build names differently', async () => {
    const { call } = serving({ version: async () => '17' })
    expect(await call({ id: 1, method: 'getDatabaseVersion' })).toMatchObject([{ result: '17' }])
  })

  it('of diff prints first', async () => {
    const { call } = serving({ diff: async () => ({ exitCode: 2, stdout: 'ALTER' }) })
    expect(await call({ id: 1, method: 'diff' })).toMatchObject([
      { method: 'print', params: { content: 'ALTER' } },
      { id: 1, result: { exitCode: 2 } },
    ])
  })

  it('to an unknown method is refused', async () => {
    expect(await serving({}).call({ id: 1, method: 'dance' })).toMatchObject([{ error: { code: -32601 } }])
  })

  it('keeps PostgreSQL’s message with the migration that failed', async () => {
    const { call, recorded } = serving({
      applyMigrations: () => Promise.reject(new Error('External error id#1 migration_name="3_c"')),
    })
    expect(await call({ id: 1, method: 'applyMigrations' })).toMatchObject([
      { error: { data: { error_code: 'P3018' } } },
    ])
    expect(recorded).toEqual([['3_c', expect.stringContaining('ERROR: no')]])
  })

  it('is answered with a panic when the engine ends without an answer', async () => {
    const crashed = Promise.reject(new Error('panicked at postgres.rs:1'))
    const { call } = serving({ introspect: () => new Promise(() => {}) }, crashed)
    expect(await call({ id: 1, method: 'introspect' })).toMatchObject([
      { error: { data: { is_panic: true, message: 'panicked at postgres.rs:1' } } },
    ])
  })

  it('is answered with an error when the engine cannot start', async () => {
    const messages = await answer('{"id":1,"method":"x"}', () => Promise.reject(new Error('bad URL')))
    expect(messages).toMatchObject([{ id: 1, error: { data: { message: 'bad URL' } } }])
  })

  it('is not seen in acknowledgements and empty lines', async () => {
    expect(await serving({}).call({ id: 9, result: {} })).toEqual([])
    expect(await answer('  ', () => Promise.reject(new Error('never called')))).toEqual([])
  })
})
