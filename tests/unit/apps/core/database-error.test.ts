import { describe, expect, it } from 'vitest'
import {
  describeDatabaseError,
  describeTarget,
  hasPostgresCode,
} from '../../../../apps/core/database-error.ts'

const URL_WITH_SECRET = 'postgresql://shop:p%40ss-word@db.example:5433/shop?schema=public'

/** As Prisma's client throws it. */
const prismaError = (cause: object) => ({
  code: 'P2010',
  message: 'Raw query failed',
  meta: { driverAdapterError: { cause } },
})

describe('naming a database', () => {
  it('gives host, port and database, and nothing of the credentials', () => {
    expect(describeTarget(URL_WITH_SECRET)).toBe('db.example:5433/shop')
  })

  it('knows the default port', () => {
    expect(describeTarget('postgresql://a:b@db/shop')).toBe('db:5432/shop')
  })

  it('shows nothing of a URL that it cannot read', () => {
    expect(describeTarget('secret')).not.toContain('secret')
  })
})

describe('describing an error', () => {
  it.each([
    [
      prismaError({ kind: 'DatabaseNotReachable', host: '10.0.0.1' }),
      'connection refused (nothing listens there)',
    ],
    [prismaError({ kind: 'DatabaseNotReachable', host: 'db' }), 'the host name is not known'],
    [prismaError({ kind: 'AuthenticationFailed', originalCode: '28P01' }), 'the password was refused'],
    [prismaError({ kind: 'postgres', code: '57P03' }), 'it is starting up or shutting down'],
    [Object.assign(new Error('x'), { code: 'ECONNREFUSED' }), 'connection refused (nothing listens there)'],
    [
      new AggregateError([Object.assign(new Error('x'), { code: 'ECONNREFUSED' })]),
      'connection refused (nothing listens there)',
    ],
    [new Error('timeout exceeded when trying to connect'), 'the connection timed out'],
  ])('puts %j into words', (error, words) => {
    expect(describeDatabaseError(error)).toBe(words)
  })

  it('keeps the message of an error that it does not know, on one line', () => {
    expect(describeDatabaseError(new Error('out of\n  cheese'))).toBe('out of cheese')
  })

  it.each(['p@ss-word', 'p%40ss-word'])('hides the password, written as %s', (password) => {
    expect(describeDatabaseError(new Error(`refused ${password}`), URL_WITH_SECRET)).toBe('refused ***')
  })

  it('hides the password of any URL in a message', () => {
    expect(describeDatabaseError(new Error('cannot use postgresql://a:hidden@b/c'))).not.toContain('hidden')
  })
})

it('finds an SQLSTATE under what Prisma wraps around it', () => {
  expect(hasPostgresCode(prismaError({ originalCode: '42P01' }), '42P01')).toBe(true)
  expect(hasPostgresCode(new Error('x'), '42P01')).toBe(false)
})
